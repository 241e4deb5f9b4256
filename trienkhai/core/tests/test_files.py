import contextlib
import io
import os
import random
import re
import resource
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from datetime import date
from pathlib import Path

import docx
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.utils import translation
from openpyxl import Workbook
from PIL import ExifTags, Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from trienkhai.core.errors import DomainError
from trienkhai.core.files import SIZE_LIMIT, check_file, documents, open_file, pdfs, pictures, storage, store_file
from trienkhai.core.tests.test_encodings import windows_1258

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEXT = "Đã tổ chức học tập nghị quyết cho 320 cán bộ.\n".encode()
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(52) + b"\x80\x00\x00\x00" + bytes(64) + b"PE\x00\x00"
ROOT = '<?xml version="1.0"?><{0} xmlns="urn:test"/>'


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def files(settings, tmp_path):
    """Return the directory of a storage of its own."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


# Files, made as programs make them


def picture(codec="JPEG", size=(40, 20), mode="RGB", exif=None, **options):
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    stream = io.BytesIO()
    image.convert(mode).save(stream, codec, **options, **({"exif": exif} if exif else {}))
    return stream.getvalue()


def phone_exif(orientation=1, taken="2021:05:23 09:30:00"):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Phonemaker"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (21.0, 1.0, 42.5)
    return exif


def pdf(change=None, **options):
    """Return a PDF of one blank page, after `change` has worked on its writer."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if change:
        change(writer)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def with_action(**entries):
    """Return a change that gives a PDF an action of these entries when it opens."""
    action = DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})

    def change(writer):
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)

    return change


def with_packed_objects(catalogue, other=b"null"):
    """Return a PDF whose catalogue, and another object that nothing refers to, are packed as newer programs do."""
    heads = b"1 0 6 %d " % len(catalogue)
    packed = zlib.compress(heads + catalogue + other)
    lines = [
        b"%PDF-1.5\n",
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n",
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n",
        b"4 0 obj<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\n"
        % (len(heads), len(packed), packed),
    ]
    places = [sum(map(len, lines[:number])) for number in range(1, 5)]
    in_file = [b"\x01" + place.to_bytes(2, "big") + b"\x00" for place in places]
    in_stream = [b"\x02\x00\x04" + index.to_bytes(1, "big") for index in (0, 1)]
    table = b"".join([bytes(4), in_stream[0], *in_file, in_stream[1]])
    lines.append(
        b"5 0 obj<</Type/XRef/Size 7/W[1 2 1]/Root 1 0 R/Length %d>>stream\n%s\nendstream endobj\n"
        % (len(table), table)
    )
    return b"".join(lines) + b"startxref\n%d\n%%%%EOF\n" % places[-1]


def document():
    written = docx.Document()
    written.add_paragraph("Báo cáo kết quả")
    stream = io.BytesIO()
    written.save(stream)
    return stream.getvalue()


def workbook():
    stream = io.BytesIO()
    book = Workbook()
    book.active.append(["Đơn vị", 12])
    book.save(stream)
    return stream.getvalue()


def archive(members, comment=b""):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.comment = comment
        for name, content in members.items():
            made.writestr(name, content)
    return stream.getvalue()


def office(main_type, part, root, members=None, types=""):
    """Return the smallest office document whose main part is of a type."""
    contents = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{part}" ContentType="{main_type}"/>{types}</Types>'
    )
    return archive({"[Content_Types].xml": contents, part: ROOT.format(root), **(members or {})})


def small_docx(members=None, types="", root="document"):
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return office(kind, "word/document.xml", root, members, types)


def presentation():
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    return office(kind, "ppt/presentation.xml", "presentation")


def open_document(kind, manifest="<manifest/>", members=None):
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    parts = {"mimetype": mimetype, "META-INF/manifest.xml": manifest, "content.xml": ROOT.format("document-content")}
    return archive(parts | (members or {}))


def rewritten(data, part, old, new):
    """Return an archive with the content of one part changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as before:
        parts = {name: before.read(name) for name in before.namelist()}
    return archive(parts | {part: parts[part].replace(old, new)})


def encrypted(data):
    """Return an archive whose members say that they are encrypted."""
    for start, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = data.find(start)
        while at >= 0:
            data = data[: at + flags] + bytes([data[at + flags] | 1]) + data[at + flags + 1 :]
            at = data.find(start, at + 4)
    return data


def ole(mark):
    return OLE + bytes(512) + mark.encode("utf-16-le")


def refusal(source, name="tệp.pdf"):
    with pytest.raises(DomainError) as caught:
        check_file(source, name=name)
    return caught.value


# What is taken


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (picture("JPEG"), "a.jpg", "image/jpeg"),
        (picture("PNG"), "a.png", "image/png"),
        (picture("WEBP"), "a.webp", "image/webp"),
        (pdf(), "a.pdf", "application/pdf"),
        (document(), "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (workbook(), "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (presentation(), "a.pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        (open_document("text"), "a.odt", "application/vnd.oasis.opendocument.text"),
        (open_document("spreadsheet"), "a.ods", "application/vnd.oasis.opendocument.spreadsheet"),
        (TEXT, "a.txt", "text/plain"),
        (b"\xef\xbb\xbf" + TEXT, "a.txt", "text/plain"),
        ("Đơn vị,Số người\nXã A,12\n".encode(), "a.csv", "text/csv"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_each_kind_is_taken_for_what_it_is(content, name, media_type):
    file = check_file(content, name=name)

    assert (file.name, file.media_type, file.size) == (name, media_type, len(file.content))


@pytest.mark.parametrize("content", [pdf(), document(), workbook(), TEXT], ids=["pdf", "docx", "xlsx", "txt"])
def test_a_file_that_is_no_picture_is_kept_byte_for_byte(content):
    assert check_file(content, name="a").content == content


def test_a_file_may_come_as_a_path_as_bytes_or_as_an_upload_that_was_read_before(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT)
    upload = SimpleUploadedFile("a.txt", TEXT)
    upload.read()
    with TemporaryUploadedFile("a.txt", "text/plain", len(TEXT), None) as on_disk:
        on_disk.write(TEXT)

        digests = {check_file(source, name="a.txt").sha256 for source in (path, TEXT, upload, on_disk)}

    assert len(digests) == 1


# Pictures


@pytest.mark.parametrize("codec", ["JPEG", "PNG", "WEBP"])
def test_a_picture_keeps_its_date_and_loses_its_place_and_camera(codec):
    file = check_file(picture(codec, exif=phone_exif()), name="ảnh")

    assert file.taken_on == date(2021, 5, 23)
    with Image.open(io.BytesIO(file.content)) as stored:
        assert dict(stored.getexif()) == {}
    assert b"Phonemaker" not in file.content


@pytest.mark.parametrize(
    ("taken", "day"),
    [("2021:05:23 09:30:00", date(2021, 5, 23)), ("0000:00:00 00:00:00", None), ("", None), ("hôm qua", None)],
)
def test_a_date_that_is_none_is_no_date(taken, day):
    assert check_file(picture(exif=phone_exif(taken=taken)), name="a").taken_on == day


def test_a_picture_without_a_date_has_none():
    assert check_file(picture(), name="a.jpg").taken_on is None


@pytest.mark.parametrize("codec", ["JPEG", "PNG", "WEBP"])
def test_a_photo_taken_upright_stays_upright(codec):
    file = check_file(picture(codec, exif=phone_exif(orientation=6)), name="a")

    with Image.open(io.BytesIO(file.content)) as stored:
        top, bottom = (stored.convert("RGB").getpixel((10, y)) for y in (5, 35))
        assert stored.size == (20, 40)
    assert (top[0] > 200, bottom[2] > 200) == (True, True)


@pytest.mark.parametrize("trailing", [HTML, archive({"run.exe": EXE}), EXE], ids=["HTML", "ZIP", "EXE"])
@pytest.mark.parametrize("codec", ["JPEG", "PNG", "WEBP"])
def test_what_follows_the_end_of_a_picture_is_gone(codec, trailing):
    plain = picture(codec)

    assert check_file(plain + trailing, name="a").content == check_file(plain, name="a").content


def test_comments_and_profiles_of_a_picture_are_gone():
    content = picture("JPEG", comment=b"<script>alert(1)</script>", icc_profile=b"secret profile")

    stored = check_file(content, name="a").content

    assert (b"script" in stored, b"secret" in stored) == (False, False)


def test_the_same_picture_gives_the_same_digest():
    content = picture(exif=phone_exif())

    assert check_file(content, name="a").sha256 == check_file(content, name="b").sha256


@pytest.mark.parametrize(("size", "kept"), [((4_800, 2_400), (4_000, 2_000)), ((40, 20), (40, 20))])
@pytest.mark.parametrize("codec", ["JPEG", "PNG"])
def test_a_large_photo_is_scaled_down_and_a_small_one_is_not(codec, size, kept):
    with Image.open(io.BytesIO(check_file(picture(codec, size), name="a").content)) as stored:
        assert stored.size == kept


@pytest.mark.parametrize(
    ("codec", "mode"),
    [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "1"), ("PNG", "P"), ("PNG", "LA"), ("PNG", "RGBA"), ("PNG", "I;16")],
)
def test_a_picture_of_each_colour_mode_is_taken(codec, mode):
    with Image.open(io.BytesIO(check_file(picture(codec, mode=mode), name="a").content)) as stored:
        assert stored.mode in {"L", "RGB", "RGBA"}


def test_sixteen_bits_of_grey_keep_their_brightness():
    stream = io.BytesIO()
    Image.new("I;16", (8, 8), 128 * 256).save(stream, "PNG")

    with Image.open(io.BytesIO(check_file(stream.getvalue(), name="a").content)) as stored:
        assert stored.getpixel((0, 0)) == 128


def test_a_transparent_place_stays_transparent():
    stream = io.BytesIO()
    Image.new("P", (8, 8), 0).save(stream, "PNG", transparency=0)

    with Image.open(io.BytesIO(check_file(stream.getvalue(), name="a").content)) as stored:
        assert stored.getpixel((0, 0))[3] == 0


def test_a_photo_that_a_phone_stores_with_its_preview_is_taken():
    stream = io.BytesIO()
    Image.new("RGB", (40, 20)).save(stream, "MPO", save_all=True, append_images=[Image.new("RGB", (20, 10))])

    assert check_file(stream.getvalue(), name="a.jpg").media_type == "image/jpeg"


@pytest.mark.parametrize("codec", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_stays(codec):
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, codec, save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")])

    with Image.open(io.BytesIO(check_file(stream.getvalue(), name="a").content)) as stored:
        assert getattr(stored, "n_frames", 1) == 1
        assert stored.convert("RGB").getpixel((4, 4))[0] > 200


def png_of(width, height):
    """Return the head of a PNG that says it is of a size."""
    head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    data = b"IDAT" + zlib.compress(bytes(1000))
    chunks = [len(part[4:]).to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big") for part in (head, data)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("size", [(8_000, 8_000), (10_000, 10_000), (60_000, 60_000)], ids=str)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(size):
    assert refusal(png_of(*size)).code == "file_too_large"


@pytest.mark.parametrize(
    "content",
    [picture("JPEG", (400, 200))[:-600], picture("PNG")[:60], picture("WEBP")[:30], b"\xff\xd8\xff\xe0" + EXE],
    ids=["JPEG", "PNG", "WebP", "JPEG in name only"],
)
def test_a_picture_that_is_cut_off_is_damaged(content):
    assert refusal(content).code == "file_damaged"


# PDF


def with_javascript(writer):
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("1")})
    scripts = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), action])})
    writer.root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): scripts})


def with_attachment(writer):
    writer.add_attachment("run.exe", EXE)


def with_field_scripts(writer):
    fields = DictionaryObject({NameObject("/XFA"): ArrayObject()})
    writer.root_object[NameObject("/AcroForm")] = fields


def with_second_command(writer):
    first = DictionaryObject({NameObject("/S"): NameObject("/GoTo")})
    first[NameObject("/Next")] = ArrayObject([DictionaryObject({NameObject("/S"): NameObject("/Launch")})])
    writer.root_object[NameObject("/OpenAction")] = first


def with_unused_command(writer):
    writer._add_object(DictionaryObject({NameObject("/S"): NameObject("/Launch")}))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (pdf(with_javascript), "/JavaScript"),
        (pdf(with_action(S=NameObject("/JavaScript"), JS=TextStringObject("1"))), "/JavaScript"),
        (pdf(with_action(S=NameObject("/Launch"), F=TextStringObject("cmd.exe"))), "/Launch"),
        (pdf(with_attachment), "/EmbeddedFile"),
        (pdf(with_field_scripts), "/XFA"),
        (pdf(with_action(S=NameObject("/Launch"))).replace(b"/Launch", b"/L#61unch"), "/Launch"),
        (pdf(with_second_command), "/Launch"),
        (pdf(with_unused_command), "/Launch"),
        (pdf().replace(b"trailer\n<<", b"trailer\n<< /Info << /S /Launch >>"), "/Launch"),
        (with_packed_objects(b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/J#61vaScript>>>>"), "/JavaScript"),
        (with_packed_objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</S/Launch>>"), "/Launch"),
    ],
    ids=[
        "script",
        "action",
        "command",
        "attachment",
        "form",
        "escaped name",
        "in a list",
        "unused",
        "in the trailer",
        "packed",
        "packed and unused",
    ],
)
def test_a_pdf_that_can_act_or_carries_files_is_refused(content, found):
    error = refusal(content)

    assert (error.code, found in str(error)) == ("file_unsafe", True)


def test_a_pdf_with_packed_objects_is_taken():
    content = with_packed_objects(b"<</Type/Catalog/Pages 2 0 R>>")

    assert check_file(content, name="a.pdf").media_type == "application/pdf"


def test_a_pdf_with_links_and_bookmarks_is_taken():
    def change(writer):
        writer.add_uri(page_number=0, uri="https://example.org/Launch/JavaScript", rect=[0, 0, 9, 9])
        writer.add_outline_item(title="/JavaScript", page_number=0)

    assert check_file(pdf(change), name="a.pdf").media_type == "application/pdf"


@pytest.mark.parametrize("password", ["secret", ""], ids=["to open", "to change"])
def test_an_encrypted_pdf_is_refused(password):
    assert refusal(pdf(lambda writer: writer.encrypt(password, "owner", algorithm="RC4-128"))).code == "file_protected"


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a\n" + pdf(),
        b"<!-- \n" + pdf(),
        pdf() + HTML,
        pdf() + archive({"run.exe": EXE}),
        pdf() + archive({"run.exe": EXE}, comment=b"\n%%EOF\n"),
    ],
    ids=["GIF before", "HTML before", "HTML behind", "ZIP behind", "ZIP that ends like a PDF"],
)
def test_a_pdf_that_is_something_else_too_is_refused(content):
    assert refusal(content).code == "file_unsafe"


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\n%%EOF\n",
        pdf()[:-200],
        pdf()[:200] + b"\n%%EOF",
        pdf().replace(b"/Page\n", b"/Nope\n").replace(b"/Kids", b"/Gone"),
    ],
    ids=["head", "nothing", "cut off", "cut off and closed", "no page"],
)
def test_a_damaged_pdf_is_refused(content):
    assert refusal(content).code == "file_damaged"


def test_a_pdf_with_line_ends_behind_its_end_is_taken():
    assert check_file(pdf() + b"\r\n\x00\n", name="a.pdf").media_type == "application/pdf"


def test_a_pdf_of_too_many_objects_is_refused(monkeypatch):
    monkeypatch.setattr(pdfs, "OBJECT_LIMIT", 3)

    assert refusal(pdf()).code == "file_too_large"


def with_lost_objects(data):
    """Return a PDF whose table says of every object that it lies where none does."""
    at = data.rindex(b"xref\n0 ")
    return data[:at] + re.sub(rb"\d{10} (?=00000 n)", b"0000000005 ", data[at:])


def test_an_action_is_found_though_the_table_hides_where_it_lies():
    content = with_lost_objects(pdf(with_action(S=NameObject("/Launch"))))

    assert refusal(content).code == "file_unsafe"


def test_a_pdf_for_whose_objects_one_must_search_too_long_is_refused(monkeypatch):
    content = with_lost_objects(pdf())
    monkeypatch.setattr(pdfs, "SEARCH_LIMIT", 2 * len(content))

    assert refusal(content).code == "file_too_large"


# Office documents


MACROS = '<Override PartName="/word/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
CONTROLS = '<Override PartName="/word/c.xml" ContentType="application/vnd.ms-office.activeX+xml"/>'
EMBEDDED = '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.oleObject"/>'
MACRO_SHEET = '<Override PartName="/xl/m.xml" ContentType="application/vnd.ms-excel.macrosheet+xml"/>'


@pytest.mark.parametrize(
    "content",
    [
        office("application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml", "document"),
        office("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xl/workbook.xml", "workbook"),
        small_docx(types=MACROS),
        small_docx({"word/vbaProject.bin": "macro"}),
        small_docx(types=CONTROLS),
        small_docx({"word/activeX/activeX1.bin": "control"}),
        small_docx(types=EMBEDDED),
        small_docx(types=MACRO_SHEET),
        open_document("text", members={"Basic/Standard/Module1.xml": "macro"}),
    ],
    ids=["docm", "xlsm", "macro type", "macro part", "control type", "control", "object", "macro sheet", "odt"],
)
def test_a_document_with_macros_controls_or_embedded_objects_is_refused(content):
    error = refusal(content, "báo cáo.docx")

    assert (error.code, "báo cáo.docx" in str(error)) == ("file_unsafe", True)


@pytest.mark.parametrize(
    "content",
    [
        encrypted(small_docx()),
        ole("EncryptedPackage"),
        open_document("text", manifest="<manifest><encryption-data/></manifest>"),
    ],
    ids=["members", "whole", "odt"],
)
def test_a_document_with_a_password_is_refused(content):
    assert refusal(content).code == "file_protected"


@pytest.mark.parametrize(
    "content",
    [small_docx() + HTML, small_docx() + EXE, archive({"a": "b"}) + small_docx(), document() + document()],
    ids=["HTML behind", "program behind", "archive before", "document behind"],
)
def test_a_document_with_something_besides_it_is_refused(content):
    assert refusal(content).code == "file_unsafe"


def test_a_document_that_unpacks_to_far_more_than_it_is_is_refused():
    assert refusal(small_docx({"word/media/a": bytes(20 * 1024 * 1024)})).code == "file_unsafe"


def test_a_document_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "UNPACKED_LIMIT", 1000)

    assert refusal(small_docx({"word/media/a": random.Random(1).randbytes(1000)})).code == "file_unsafe"


def test_a_document_of_too_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "MEMBER_LIMIT", 1)

    assert refusal(small_docx()).code == "file_unsafe"


def twice_the_main_part():
    stream = io.BytesIO(small_docx())
    with zipfile.ZipFile(stream, "a") as made, pytest.warns(UserWarning, match="Duplicate name"):
        made.writestr("word/document.xml", ROOT.format("document"))
    return stream.getvalue()


def with_bad_byte():
    content = bytearray(small_docx({"word/media/a": random.Random(1).randbytes(1000)}))
    content[content.rindex(b"word/media/a", 0, len(content) // 2 + 400) + 500] ^= 1
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        document()[:-500],
        small_docx(root="workbook"),
        rewritten(small_docx(), "word/document.xml", b"<document", b"document"),
        rewritten(small_docx(), "word/document.xml", ROOT.format("document").encode(), b""),
        rewritten(small_docx(), "[Content_Types].xml", b"/word/document.xml", b"/word/gone.xml"),
        rewritten(small_docx(), "[Content_Types].xml", b"<Types", b"<!DOCTYPE Types><Types"),
        rewritten(small_docx(), "[Content_Types].xml", b"</Types>", b"</Types>" + b" " * 2**20),
        with_bad_byte(),
    ],
    ids=["head", "cut", "other root", "bad XML", "no XML", "no part", "doctype", "huge index", "one bad byte"],
)
def test_a_damaged_document_is_refused(content):
    assert refusal(content).code == "file_damaged"


def test_a_document_with_two_parts_of_one_name_is_refused():
    assert refusal(twice_the_main_part()).code == "file_damaged"


# Other kinds, whatever their name says


@pytest.mark.parametrize("name", ["ảnh.jpg", "báo cáo.pdf", "ghi chú.txt", "chạy.exe"])
@pytest.mark.parametrize(
    "content",
    [
        EXE,
        b"\x7fELF\x02\x01\x01" + bytes(57),
        b"#!/bin/sh\nrm -rf /\n",
        b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + bytes(24),
        b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(68),
        HTML,
        b"\xef\xbb\xbf\n <HTML>",
        b"<p>Xin ch\xc3\xa0o</p>",
        SVG,
        b'<?xml version="1.0"?>' + SVG,
        TEXT + b"<script>alert(1)</script>",
    ],
    ids=["EXE", "ELF", "shell", "Mach-O", "LNK", "HTML", "HTML marked", "part of HTML", "SVG", "SVG as XML", "script"],
)
def test_a_program_or_a_web_page_is_refused_under_every_name(content, name):
    error = refusal(content, name)

    assert (error.code, name in str(error)) == ("file_unsafe", True)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\x00\x00\x00\x24ftypheic" + bytes(64), "Share it as JPEG"),
        (b"\x00\x00\x00\x24ftypmif1" + bytes(64), "Share it as JPEG"),
        (b"\x00\x00\x00\x20ftypavif" + bytes(64), "AVIF"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(64), "MP4"),
        (picture("GIF"), "GIF"),
        (picture("TIFF"), "TIFF"),
        (picture("BMP"), "unknown"),
        (ole("WordDocument"), "Save it as .docx"),
        (b"{\\rtf1\\ansi Xin chao}", "RTF"),
        (b"%!PS-Adobe-3.0\n", "PostScript"),
        (archive({"a.txt": "a"}), "ZIP"),
        (archive({}), "ZIP"),
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "7-Zip"),
        (open_document("presentation"), "ODF"),
        (office("application/vnd.openxmlformats-officedocument.x+xml", "word/document.xml", "document"), "OOXML"),
        (bytes(range(256)), "unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_kind_is_refused_with_advice(content, word):
    error = refusal(content, "tệp")

    assert (error.code, word in str(error), error.extra) == ("file_kind", True, {"file": "tệp"})


@pytest.mark.parametrize("text", ["BM01: biểu mẫu số 1", "MZ, PK và RIFF là tên gọi", "a < b > c; x<y", "Thẻ <body>"])
def test_a_text_that_only_begins_like_another_kind_is_text(text):
    assert check_file(text.encode(), name="a.txt").media_type == "text/plain"


@pytest.mark.parametrize(
    "content",
    [windows_1258("Thành phố Hà Nội"), "Hà Nội".encode("utf-16"), b"Caf\xe9"],
    ids=["Windows-1258", "UTF-16", "Latin-1"],
)
def test_a_text_that_is_not_in_utf_8_is_refused(content):
    assert refusal(content, "a.txt").code == "file_encoding"


# Size


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n", bytes(1000)], ids=["", "mark", "blank", "zeros"])
def test_an_empty_file_is_refused(content):
    assert refusal(content).code == "file_empty"


class Counted(io.BytesIO):
    """A stream of 200 MB that counts what is read of it."""

    def __init__(self):
        super().__init__()
        self.left = 200 * 1024 * 1024
        self.given = 0

    def read(self, size=-1):
        given = self.left if size < 0 else min(size, self.left)
        self.left -= given
        self.given += given
        return b"a" * given


def test_of_a_file_of_200_mb_no_more_is_read_than_shows_that_it_is_too_large():
    stream = Counted()

    assert refusal(stream).code == "file_too_large"
    assert stream.given == SIZE_LIMIT + 1


def test_a_large_file_on_the_disk_is_refused_by_name_and_limit(tmp_path):
    path = tmp_path / "video.mp4"
    with path.open("wb") as stream:
        stream.truncate(200 * 1024 * 1024)

    error = refusal(path, path.name)

    assert (error.code, "video.mp4" in str(error), "25" in str(error)) == ("file_too_large", True, True)


def test_a_picture_that_grows_beyond_the_limit_when_made_anew_is_refused(monkeypatch):
    content = picture("JPEG")
    monkeypatch.setattr("trienkhai.core.files.SIZE_LIMIT", len(content))
    monkeypatch.setitem(pictures._FORMATS, pictures.JPEG, ("JPEG", {"quality": 90, "comment": bytes(900)}))

    assert refusal(content).code == "file_too_large"


@pytest.mark.parametrize("path", ["gone.pdf", "."], ids=["missing", "directory"])
def test_a_path_that_cannot_be_read_is_refused(tmp_path, path):
    assert refusal(tmp_path / path).code == "file_unreadable"


# Names


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Báo cáo.txt", "Báo cáo.txt"),
        ("BAO CAO.TXT", "BAO CAO.TXT"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Lan\\báo cáo.txt", "báo cáo.txt"),
        (unicodedata.normalize("NFD", "Kế hoạch.txt"), "Kế hoạch.txt"),
        ("a\x00b\r\n c\u202etxt.txt", "ab ctxt.txt"),
        ('kế: "hoạch"?.txt', "kế_ _hoạch__.txt"),
        ("kế hoạch.pdf", "kế hoạch.txt"),
        ("kế hoạch", "kế hoạch.txt"),
        ("Báo cáo quý I.2021", "Báo cáo quý I.2021.txt"),
        ("chạy.exe", "chạy.exe.txt"),
        ("...", "file.txt"),
        ("", "file.txt"),
        (".htaccess", "htaccess.txt"),
        ("dài" * 100 + ".txt", ("dài" * 66)[:196] + ".txt"),
        ("a" * 300, "a" * 196 + ".txt"),
    ],
)
def test_a_name_is_cleaned_and_its_extension_fits_the_content(sent, kept):
    assert check_file(TEXT, name=sent).name == kept


@pytest.mark.parametrize(
    ("content", "sent", "kept"),
    [
        (picture("JPEG"), "ảnh.JPEG", "ảnh.JPEG"),
        (picture("JPEG"), "ảnh.png", "ảnh.jpg"),
        (picture("WEBP"), "ảnh.jpg", "ảnh.webp"),
        (pdf(), "văn bản.docx", "văn bản.pdf"),
        (document(), "văn bản.pdf", "văn bản.docx"),
        (pdf(), "trang.html", "trang.html.pdf"),
    ],
)
def test_a_wrong_extension_is_set_right(content, sent, kept):
    assert check_file(content, name=sent).name == kept


# Storing


def stored_in(directory):
    return sorted(path for path in directory.rglob("*") if path.is_file())


@pytest.fixture
def checked():
    return check_file(TEXT * 10_000, name="nhật ký.txt")


def test_a_stored_file_lies_under_its_digest_and_opens_again(files, checked):
    store_file(checked)

    (path,) = stored_in(files)
    digest = checked.sha256
    assert path == files / digest[:2] / digest[2:4] / digest
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with open_file(digest) as stream:
        assert stream.read() == checked.content


def test_the_same_content_is_written_once(files, checked):
    store_file(checked)
    (path,) = stored_in(files)
    first = path.stat()

    store_file(check_file(checked.content, name="tên khác.txt"))

    assert stored_in(files) == [path]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def test_two_who_store_the_same_content_at_once_leave_one_file(files, checked, monkeypatch):
    store_file(checked)
    monkeypatch.setattr(type(default_storage._wrapped), "exists", lambda *_: False)

    store_file(checked)

    assert len(stored_in(files)) == 1


@contextlib.contextmanager
def largest_file(size):
    """Let no file of this process grow beyond a size in bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_while_a_file_is_written_gives_an_error_and_leaves_no_half_file(files, checked):
    with largest_file(64 * 1024), pytest.raises(DomainError, match="nhật ký") as caught:
        store_file(checked)

    assert caught.value.code == "disk_full"
    assert stored_in(files) == []

    store_file(checked)

    assert stored_in(files) != []


def test_a_disk_that_turns_out_full_only_at_the_end_leaves_no_half_file(files, checked, monkeypatch):
    def write_to_a_full_disk(descriptor):
        with Path("/dev/full").open("wb", buffering=0) as disk:
            disk.write(b"a")

    monkeypatch.setattr(storage.os, "fsync", write_to_a_full_disk)

    with pytest.raises(DomainError) as caught:
        store_file(checked)

    assert caught.value.code == "disk_full"
    assert stored_in(files) == []


def test_a_content_that_breaks_off_while_it_is_written_leaves_no_half_file(files):
    def broken_chunks():
        yield TEXT
        raise KeyboardInterrupt

    content = SimpleUploadedFile("a", TEXT)
    content.chunks = broken_chunks

    with pytest.raises(KeyboardInterrupt):
        default_storage.save("aa/bb/cc", content)

    assert stored_in(files) == []


@contextlib.contextmanager
def without_privileges():
    """Act as an account that may write only where permissions say so, for a while, even if root runs the tests."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_directory_that_must_not_be_written_gives_an_error_that_names_the_file(settings, checked):
    with tempfile.TemporaryDirectory() as directory:
        settings.MEDIA_ROOT = Path(directory) / "files"
        settings.MEDIA_ROOT.mkdir()
        Path(directory).chmod(0o755)
        settings.MEDIA_ROOT.chmod(0o555)

        with without_privileges(), pytest.raises(DomainError, match=r"nhật ký.*Permission denied") as caught:
            store_file(checked)

        assert caught.value.code == "storage_failed"
        assert stored_in(settings.MEDIA_ROOT) == []


def test_a_file_in_place_of_the_directory_gives_an_error(files, checked):
    files.mkdir()
    (files / checked.sha256[:2]).write_bytes(b"in the way")

    with pytest.raises(DomainError) as caught:
        store_file(checked)

    assert caught.value.code == "storage_failed"


def test_a_file_that_is_gone_from_the_storage_is_named_as_missing(files, checked):
    with pytest.raises(DomainError, match=checked.sha256) as caught:
        open_file(checked.sha256)

    assert caught.value.code == "file_missing"


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, f"{'a' * 64}\n"])
def test_only_a_digest_opens_a_file(files, digest):
    with pytest.raises(ValueError, match=r".*"):
        open_file(digest)
