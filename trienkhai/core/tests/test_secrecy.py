import io

import pytest
from django.utils import translation
from docx import Document
from openpyxl import Workbook
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from trienkhai.core.errors import BadInput, DomainError
from trienkhai.core.files import check_file
from trienkhai.core.secrecy import secrecy_mark
from trienkhai.core.tables import read_tables


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def document(*paragraphs, header=""):
    made = Document()
    made.sections[0].header.paragraphs[0].text = header
    for paragraph in ("Báo cáo", *paragraphs):
        made.add_paragraph(paragraph)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def framed(text):
    made = Document()
    made.add_table(1, 1).cell(0, 0).text = text
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def workbook(text):
    book = Workbook()
    book.active.append(["TT", "Nhiệm vụ"])
    book.active.append([text, "Việc"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def pdf(text):
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    to_unicode = DecodedStreamObject()
    characters = sorted(set(text))
    pairs = "\n".join(f"<{number:02x}> <{ord(letter):04x}>" for number, letter in enumerate(characters, start=1))
    to_unicode.set_data(
        (
            "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
            f"{len(characters)} beginbfchar\n{pairs}\nendbfchar endcmap end"
        ).encode()
    )
    font[NameObject("/ToUnicode")] = writer._add_object(to_unicode)
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
    )
    drawn = DecodedStreamObject()
    codes = "".join(f"{characters.index(letter) + 1:02x}" for letter in text)
    drawn.set_data(f"BT /F1 12 Tf 20 100 Td <{codes}> Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(drawn)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "text", ["MẬT", "TỐI MẬT", "TUYỆT MẬT", "  [ TỐI  MẬT ]", "Độ mật: Tối mật", "độ mật:MẬT", "MA\u0302\u0323T"]
)
def test_a_mark_of_secrecy_is_seen(text):
    assert secrecy_mark(["Báo cáo", text])


@pytest.mark.parametrize(
    "text", ["", "Bảo vệ bí mật nhà nước", "Mật", "mật ong", "TÀI LIỆU MẬT ONG RỪNG", "KHÔNG MẬT", "Độ mật: không"]
)
def test_words_inside_a_text_are_no_mark(text):
    assert secrecy_mark([text]) == ""


@pytest.mark.parametrize(
    "content",
    [
        document("TỐI MẬT"),
        document(header="MẬT"),
        framed("TUYỆT MẬT"),
        workbook("MẬT"),
        pdf("MẬT"),
        "MẬT\nSố liệu".encode(),
        "TT,MẬT\n1,2\n".encode(),
    ],
    ids=["docx", "header", "frame", "xlsx", "pdf", "text", "csv"],
)
def test_evidence_that_bears_a_mark_is_refused(content):
    with pytest.raises(DomainError) as refused:
        check_file(content, name="báo cáo")

    assert refused.value.code == "file_classified"
    assert "MẬT" in str(refused.value)


def test_evidence_that_speaks_of_secrecy_is_taken():
    content = document("Triển khai Luật Bảo vệ bí mật nhà nước", "Không có tài liệu mật.")

    assert check_file(content, name="báo cáo.docx").content == content


@pytest.mark.parametrize("content", [workbook("TỐI MẬT"), "MẬT\nTT,Nhiệm vụ\n1,Việc\n".encode()], ids=["xlsx", "csv"])
def test_a_table_that_bears_a_mark_is_refused(content):
    with pytest.raises(BadInput, match="State secrets do not belong"):
        read_tables(content, name="phụ lục")
