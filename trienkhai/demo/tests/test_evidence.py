import io
import re
import zipfile
from collections import Counter

import docx
import pytest
from openpyxl import load_workbook
from PIL import Image, ImageDraw
from pypdf import PdfReader

from trienkhai.core.files import check_file
from trienkhai.demo import evidence
from trienkhai.demo.evidence import MARK, PICTURES, SCANS, make_evidence

FILES = list(make_evidence())


def of_kind(extension):
    return [content for name, content in FILES if name.endswith(extension)]


def test_there_are_files_of_every_kind_that_offices_send():
    assert Counter(name.rpartition(".")[2] for name, _content in FILES) == {"docx": 8, "pdf": 6, "xlsx": 4, "jpg": 6}


@pytest.mark.parametrize(("name", "content"), FILES, ids=lambda value: value if isinstance(value, str) else "")
def test_every_file_is_small_named_as_simulated_and_passes_the_check(name, content):
    checked = check_file(content, name=name)

    assert (checked.name, "mô phỏng" in name) == (name, True)
    assert max(len(content), checked.size) < 60_000


def test_all_files_differ_in_name_and_in_content():
    assert len({name for name, _content in FILES}) == len({content for _name, content in FILES}) == len(FILES)


def test_the_files_are_the_same_bytes_whenever_they_are_made():
    assert list(make_evidence()) == FILES


def test_office_files_tell_no_other_time_than_the_fixed_one():
    for content in of_kind("docx") + of_kind("xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            times = re.findall(r">(\d{4}-[^<]+)</dcterms", archive.read("docProps/core.xml").decode())
            assert {member.date_time for member in archive.infolist()} == {evidence.MADE}
            assert times == ["2021-06-01T08:00:00Z"] * 2


def test_scans_tell_no_other_time_than_the_fixed_one():
    for content in of_kind("pdf"):
        told = PdfReader(io.BytesIO(content)).metadata
        assert {told.creation_date_raw, told.modification_date_raw} == {"D:20210601080000Z"}


def test_documents_say_within_that_they_are_simulated_and_who_made_them():
    for content in of_kind("docx"):
        document = docx.Document(io.BytesIO(content))
        assert MARK in [paragraph.text for paragraph in document.paragraphs]
        assert document.core_properties.author == evidence.AUTHOR


def test_sheets_say_within_that_they_are_simulated_and_hold_figures():
    for content in of_kind("xlsx"):
        (sheet,) = load_workbook(io.BytesIO(content)).worksheets
        values = [value for row in sheet.iter_rows(values_only=True) for value in row]
        assert MARK in values
        assert any(isinstance(value, int) for value in values)


def test_scans_say_what_they_are_and_show_writing():
    for content, (title, _paragraphs, _rows) in zip(of_kind("pdf"), SCANS, strict=True):
        reader = PdfReader(io.BytesIO(content))
        (page,) = reader.pages
        assert (reader.metadata.title, reader.metadata.author) == (title, evidence.AUTHOR)
        dark = page.images[0].image.convert("L").histogram()[0]
        assert 0.005 < dark / (1654 * 2339) < 0.2


def test_pictures_have_the_day_on_which_they_would_have_been_taken():
    days = [check_file(content, name="a").taken_on for content in of_kind("jpg")]

    assert days == [taken_on for _title, taken_on, _colour in PICTURES]
    assert {day.year for day in days} == {2021}


def test_vietnamese_letters_are_drawn_and_not_left_out():
    def dark(text):
        image = Image.new("L", (400, 80), "white")
        evidence._write(ImageDraw.Draw(image), (10, 60), text, size=40)
        return image.histogram()[0]

    assert dark("Hội nghị") > dark("Hi ngh") > 0
