import io
import unicodedata
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import Workbook

from trienkhai.core.errors import BadInput
from trienkhai.core.tables import columns_of, plain_key, read_tables, with_headings
from trienkhai.core.tests.test_encodings import tcvn3

KNOWN = {"code", "name", "level"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def workbook(*rows, change=None):
    """Return the bytes of a workbook with one sheet of rows, after `change` has worked on the sheet."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rewritten(data, *, part, old, new):
    """Return a workbook with the markup of one part changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, content.replace(old, new) if name == part else content)
    return stream.getvalue()


def cells(data):
    (table,) = read_tables(data, name="file")
    return [row.cells for row in table.rows]


def refusal(data, **options):
    with pytest.raises(BadInput) as caught:
        read_tables(data, name="file", **options)
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_of_a_csv_file_is_found(delimiter):
    text = f'code{delimiter}name\n01{delimiter}"Xã A, B; C"\n02{delimiter}Xã D\n'

    assert cells(text.encode()) == [("code", "name"), ("01", "Xã A, B; C"), ("02", "Xã D")]


def test_a_first_line_that_names_the_delimiter_is_obeyed_and_not_counted():
    (table,) = read_tables(b"sep=;\r\ncode;name\r\n01;a,b\r\n", name="file")

    assert [(row.line, row.cells) for row in table.rows] == [(1, ("code", "name")), (2, ("01", "a,b"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_file_is_read_in_each_form_of_unicode(encoding):
    assert cells("code,name\n01,Tỉnh Hà Giang\n".encode(encoding))[1] == ("01", "Tỉnh Hà Giang")


def test_a_csv_file_in_windows_1258_gives_the_same_names():
    data = "code,name\n01,Thành phố Hà Nội\n".replace("ố", "ô\u0301").replace("ộ", "ô\u0323").encode("cp1258")

    assert cells(data)[1] == ("01", "Thành phố Hà Nội")


def test_a_csv_file_in_tcvn3_is_refused_by_name():
    assert "TCVN3" in str(refusal(tcvn3("code,name\n01,Thành phố Hà Nội\n")))


def test_decomposed_letters_are_composed():
    (_heading, row) = cells(("name,code\n" + unicodedata.normalize("NFD", "Tỉnh Đắk Lắk") + ",66\n").encode())

    assert row == ("Tỉnh Đắk Lắk", "66")


def test_cells_are_stripped_and_lose_what_nobody_sees():
    assert cells("code,name\n\ufeff 01 ,\u200bXã\u00a0A\u00ad \n".encode())[1] == ("01", "Xã A")


def test_lines_are_counted_as_the_office_program_shows_them():
    (table,) = read_tables(b'code,name\n01,"two\nlines"\n\n02,b\n', name="file")

    assert [row.line for row in table.rows] == [1, 2, 4]


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x85", "\u202e", "\ufffd"])
def test_control_characters_are_refused_with_their_place(sign):
    (problem,) = refusal(f"code,name\n01,a{sign}b\n".encode()).problems

    assert (problem.line, problem.column) == (2, "B")


def test_every_bad_cell_of_a_file_is_listed():
    problems = refusal(b"code,name\n\x01,a\n02,=A1\n\x02,b\n").problems

    assert [(problem.line, problem.column) for problem in problems] == [(2, "A"), (3, "B"), (4, "A")]


@pytest.mark.parametrize("text", ['code,name\n01,"a"b\n', 'code,name\n01,"never closed\n'])
def test_quotation_marks_that_do_not_pair_are_refused_with_their_line(text):
    assert refusal(text.encode()).problems[0].line == 2


def test_a_cell_that_is_too_long_is_refused_with_its_line():
    (problem,) = refusal(b"code,name\n01," + b"x" * 200_000).problems

    assert (problem.line, "longer" in str(problem.message)) == (2, True)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (OLE + "Workbook".encode("utf-16-le"), ".xls"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<html><table>...", "HTML"),
        (b"\x89PNG\r\n\x1a\n...", "PNG"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b",,\n,,\n", "empty"),
    ],
)
def test_what_is_no_table_is_refused_by_its_name(data, word):
    assert word in str(refusal(data))


def test_another_archive_is_refused_by_its_name():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")

    assert "DOCX" in str(refusal(stream.getvalue()))


def test_a_file_over_the_limit_is_refused(tmp_path):
    path = tmp_path / "large.csv"
    path.write_bytes(b"x" * 101)

    assert "larger" in str(refusal(path, limit=100))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert "cannot be opened" in str(refusal(tmp_path / "none.csv"))


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(32 * 1024 * 1024))

    assert "unpacks" in str(refusal(stream.getvalue()))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_entities_in_a_workbook_are_never_expanded(part):
    data = workbook(["code", "name"], ["01", "secret"])
    data = rewritten(data, part=part, old=b'"Sheet"', new=b'"&e;"')
    data = rewritten(data, part=part, old=b"secret", new=b"&e;")
    first = b"<workbook" if part == "xl/workbook.xml" else b"<worksheet"
    data = rewritten(data, part=part, old=first, new=b'<!DOCTYPE x [<!ENTITY e "boom">]>' + first)

    assert "damaged" in str(refusal(data))


def test_a_workbook_gives_text_numbers_and_days():
    hour = datetime.fromisoformat("2021-06-30T17:00")
    row = [" Xã A ", 95, 0.1 + 0.2, hour, date(2021, 6, 30), True, None, "z"]

    assert cells(workbook(row)) == [
        ("Xã A", Decimal(95), Decimal("0.3"), date(2021, 6, 30), date(2021, 6, 30), "TRUE", "", "z")
    ]


def test_a_number_is_taken_as_its_format_shows_it():
    def change(sheet):
        sheet["A1"].number_format = "00000"
        sheet["B1"].number_format = "0.0%"

    assert cells(workbook([7, 0.955, 7], change=change)) == [("00007", "95.5%", Decimal(7))]


def test_a_formula_counts_as_its_stored_value():
    data = workbook(["=1+1", "b"])
    stored = rewritten(data, part="xl/worksheets/sheet1.xml", old=b"<v></v>", new=b"<v>2</v>")
    stored = rewritten(stored, part="xl/worksheets/sheet1.xml", old=b"<v />", new=b"<v>2</v>")

    assert cells(stored) == [(Decimal(2), "b")]


def test_formulas_without_a_value_are_refused_with_their_cells():
    problems = refusal(workbook(["code", "name"], ["=A1", "b"], ["c", "=B1&A1"])).problems

    assert [(problem.line, problem.column, problem.sheet) for problem in problems] == [
        (2, "A", "Sheet"),
        (3, "B", "Sheet"),
    ]
    assert "B3" in str(problems[1].message)


def test_a_cell_that_shows_an_error_is_refused():
    def change(sheet):
        sheet["B1"] = "#REF!"
        sheet["B1"].data_type = "e"

    (problem,) = refusal(workbook(["a"], change=change)).problems

    assert (problem.column, problem.value) == ("B", "#REF!")


def test_text_typed_with_an_old_font_is_refused_in_a_workbook_too():
    (problem,) = refusal(workbook(["code", "name"], ["01", "TØnh B¾c Giang"])).problems

    assert (problem.line, problem.column, "TCVN3" in str(problem.message)) == (2, "B", True)


def test_merged_cells_all_hold_the_first_value():
    data = workbook(["group", "name"], ["A", "x"], [None, "y"], change=lambda sheet: sheet.merge_cells("A2:A3"))

    assert cells(data)[1:] == [("A", "x"), ("A", "y")]


def test_a_row_with_nothing_of_its_own_stays_blank_inside_merged_cells():
    data = workbook(["group", "name"], ["A", "x"], change=lambda sheet: sheet.merge_cells("A2:A5000"))

    assert cells(data)[1:] == [("A", "x")]


def test_a_title_merged_over_the_whole_width_does_not_widen_the_table():
    data = workbook(["title"], ["code", "name"], ["01", "a"], change=lambda sheet: sheet.merge_cells("A1:XFD1"))

    assert cells(data)[0] == ("title", "title")


def test_ten_thousand_blank_rows_are_left_out():
    def change(sheet):
        for line in range(3, 10_003):
            sheet.cell(line, 1).number_format = "0.00"

    assert len(cells(workbook(["code", "name"], ["01", "a"], change=change))) == 2


def test_rows_beyond_the_stored_dimensions_are_read():
    data = workbook(["code", "name"], ["01", "a"], ["02", "b"])

    assert len(cells(rewritten(data, part="xl/worksheets/sheet1.xml", old=b"A1:B3", new=b"A1:B1"))) == 3


def test_sheets_without_anything_are_left_out_and_hidden_ones_are_marked():
    book = Workbook()
    book.active.append(["a", "b"])
    book.create_sheet("blank")
    hidden = book.create_sheet("hidden")
    hidden.append(["c"])
    hidden.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)

    tables = read_tables(stream.getvalue(), name="file")

    assert [(table.sheet, table.is_hidden) for table in tables] == [("Sheet", False), ("hidden", True)]


def test_a_sheet_that_names_too_many_columns_is_refused():
    def change(sheet):
        sheet["ZZZ1"] = "far"

    assert "columns" in str(refusal(workbook(["a"], change=change)).problems[0].message)


def test_headings_are_found_below_titles():
    (table,) = read_tables(b"BANG DON VI,,\n,,\nCode,Note,NAME\n01,x,a\n", name="file")

    headed = with_headings(table, KNOWN)

    assert (headed.headings, [row.cells for row in headed.rows]) == (("Code", "Note", "NAME"), [("01", "x", "a")])


def test_rows_above_fuller_headings_are_not_taken_for_titles():
    (table,) = read_tables(b"code,name\n01,a\ncode,level,name\n02,x,b\n", name="file")

    assert [row.line for row in with_headings(table, KNOWN).rows] == [2, 3, 4]


def test_headings_that_are_repeated_on_a_later_page_are_left_out():
    (table,) = read_tables(b"code,name\n01,a\ncode,name\n02,b\n", name="file")

    assert [row.cells for row in with_headings(table, KNOWN).rows] == [("01", "a"), ("02", "b")]


def test_headings_in_two_rows_are_read_together():
    def change(sheet):
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:C1")

    data = workbook(["Code", "Name", None], [None, "Full", "Level"], ["01", "a", "x"], change=change)
    (table,) = read_tables(data, name="file")

    assert with_headings(table, KNOWN).headings == ("Code", "Name", "Level")


def test_a_table_without_known_headings_has_none():
    (table,) = read_tables(b"one,two\n1,2\n", name="file")

    assert with_headings(table, KNOWN).headings == ()


def test_columns_tell_unknown_and_doubled_headings_and_cells_under_none():
    (table,) = read_tables(b"code,name,Code,other\n01,a,,,stray\n", name="file")

    columns, unknown, problems = columns_of(with_headings(table, KNOWN), {key: key for key in KNOWN})

    assert (columns, unknown) == ({"code": 0, "name": 1}, ("other",))
    assert [(problem.line, problem.column, problem.value) for problem in problems] == [
        (None, "Code", ""),
        (2, "E", "stray"),
    ]


@pytest.mark.parametrize("text", ["Đơn vị  CHỦ-TRÌ", "don_vi chu tri", "Đơn vị\nchủ trì:"])
def test_words_are_compared_without_case_accents_and_signs(text):
    assert plain_key(text) == "don vi chu tri"
