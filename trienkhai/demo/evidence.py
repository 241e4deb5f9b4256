"""Small real files for the simulated reports: documents, scans, sheets and pictures, each marked as simulated.

They are made anew at each loading, from fixed words and dates, so that every loading stores the same bytes.
"""

import io
import re
import time
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path

import docx
from openpyxl import Workbook
from openpyxl.styles import Font
from PIL import ExifTags, Image, ImageDraw, ImageFont

MARK = "Tài liệu mô phỏng, làm ra cho bản trình diễn; không phải văn bản thật."
AUTHOR = "Bản trình diễn (mô phỏng)"
MADE = (2021, 6, 1, 8, 0, 0)
"""The instant that every document gives as that of its making."""

Document = tuple[str, Sequence[str], Sequence[tuple[str, str]]]

# A title; its paragraphs; a table of two columns.
DOCUMENTS: Sequence[Document] = (
    (
        "Chương trình hành động thực hiện nghị quyết đại hội",
        (
            "I. Mục tiêu: cụ thể hoá nghị quyết đại hội thành những việc có người chủ trì, có thời hạn và có sản phẩm.",
            "II. Nhiệm vụ: tổ chức học tập nghị quyết; kiện toàn tổ chức; đơn giản hoá thủ tục nội bộ.",
            "III. Tổ chức thực hiện: mỗi quý kiểm điểm một lần, báo cáo cấp trên trực tiếp.",
        ),
        (("Nhiệm vụ", "Thời hạn"), ("Học tập nghị quyết", "30/6/2021"), ("Kiện toàn tổ chức", "31/7/2021")),
    ),
    (
        "Báo cáo kết quả học tập nghị quyết",
        (
            "Đã tổ chức hội nghị trực tiếp và trực tuyến; tài liệu được gửi trước cho người dự.",
            "Người vắng mặt có lý do được bố trí học bù trong tháng.",
        ),
        (("Nội dung", "Số người"), ("Thuộc diện học tập", "320"), ("Đã dự học", "311"), ("Học bù", "9")),
    ),
    (
        "Phương án nhân sự của cấp mình",
        (
            "Phương án nêu số lượng, cơ cấu, tiêu chuẩn của từng chức danh và các bước giới thiệu.",
            "Danh sách giới thiệu kèm theo hồ sơ riêng, không đăng trong tài liệu này.",
        ),
        (("Chức danh", "Số lượng"), ("Cấp trưởng", "1"), ("Cấp phó", "2"), ("Uỷ viên", "12")),
    ),
    (
        "Báo cáo kết quả lớp bồi dưỡng nghiệp vụ",
        (
            "Lớp học ba ngày, gồm sáu chuyên đề; cuối khoá có bài kiểm tra.",
            "Đề nghị cấp trên gửi thêm tài liệu về thể thức văn bản.",
        ),
        (("Xếp loại", "Số người"), ("Giỏi", "18"), ("Khá", "25"), ("Đạt yêu cầu", "7")),
    ),
    (
        "Đề án sắp xếp, kiện toàn tổ chức bộ máy",
        (
            "Hiện trạng: một số đầu mối có chức năng giao thoa, biên chế phân tán.",
            "Phương án: hợp nhất hai bộ phận, giữ nguyên người phụ trách đến hết năm; bàn giao hồ sơ có biên bản.",
        ),
        (("Thời điểm", "Số đầu mối"), ("Trước sắp xếp", "9"), ("Sau sắp xếp", "7")),
    ),
    (
        "Báo cáo rà soát các quy định thuộc thẩm quyền",
        ("Đã rà soát toàn bộ quy định còn hiệu lực; mỗi văn bản ghi rõ giữ, sửa, thay hoặc bãi bỏ.",),
        (("Kết luận", "Số văn bản"), ("Giữ", "21"), ("Sửa", "6"), ("Thay", "3"), ("Bãi bỏ", "4")),
    ),
    (
        "Báo cáo kiểm tra thể thức văn bản",
        ("Đã kiểm tra toàn bộ văn bản ban hành trong kỳ; lỗi chủ yếu là ký hiệu và nơi nhận.",),
        (("Nội dung", "Số văn bản"), ("Đã kiểm tra", "146"), ("Đúng thể thức", "139"), ("Phải sửa", "7")),
    ),
    (
        "Báo cáo đột xuất về việc phát sinh và cách xử lý",
        (
            "Việc: mưa lớn làm hoãn một buổi họp theo kế hoạch.",
            "Xử lý: chuyển sang họp trực tuyến trong ngày hôm sau; không ảnh hưởng tiến độ chung.",
        ),
        (("Bước", "Ngày"), ("Báo cáo ban đầu", "12/5/2021"), ("Xử lý xong", "13/5/2021")),
    ),
)

SCANS: Sequence[Document] = (
    (
        "Quyết định kiện toàn chức danh chủ chốt",
        ("Điều 1. Kiện toàn các chức danh còn khuyết sau đại hội.", "Điều 2. Quyết định có hiệu lực từ ngày ký."),
        (("Chức danh", "Số người"), ("Đã kiện toàn", "3"), ("Còn khuyết", "0")),
    ),
    (
        "Biên bản tổng kết cuộc bầu cử",
        (
            "Cuộc bầu cử diễn ra đúng luật, an toàn; các tổ bầu cử nộp biên bản đúng giờ.",
            "Biên bản lập thành ba bản, gửi cấp trên một bản.",
        ),
        (("Nội dung", "Số lượng"), ("Cử tri trong danh sách", "4.215"), ("Cử tri đã bỏ phiếu", "4.198")),
    ),
    (
        "Kế hoạch học tập nghị quyết",
        ("1. Thời gian: từ ngày 20/4 đến ngày 30/6/2021.", "2. Hình thức: trực tiếp ở hội trường và qua mạng."),
        (("Việc", "Người phụ trách"), ("Tài liệu", "Bộ phận tuyên truyền"), ("Điểm danh", "Bộ phận tổ chức")),
    ),
    (
        "Quy trình giải quyết một thủ tục nội bộ",
        ("Quy trình rút từ bảy bước còn bốn bước; mỗi bước có người làm và thời hạn.",),
        (("Bước", "Thời hạn"), ("Tiếp nhận", "1 ngày"), ("Thẩm định", "3 ngày"), ("Quyết định", "1 ngày")),
    ),
    (
        "Biên bản bàn giao hồ sơ",
        ("Hai bên đã kiểm đếm và bàn giao đủ hồ sơ theo danh mục kèm theo.",),
        (("Loại hồ sơ", "Số lượng"), ("Hồ sơ công việc", "64"), ("Sổ theo dõi", "5")),
    ),
    (
        "Báo cáo sơ kết sáu tháng đầu năm",
        (
            "Phần lớn nhiệm vụ đạt tiến độ; một số việc chậm do phải phòng, chống dịch.",
            "Sáu tháng cuối năm tập trung vào các nhiệm vụ đến hạn trong quý III.",
        ),
        (("Tình trạng", "Số nhiệm vụ"), ("Hoàn thành", "6"), ("Đang thực hiện", "8"), ("Chậm", "1")),
    ),
)

SHEETS: Sequence[tuple[str, Sequence[tuple[str | int, ...]]]] = (
    (
        "Danh mục tổ chức và cấp trực thuộc",
        (("TT", "Tổ chức", "Số người"), (1, "Văn phòng", 7), (2, "Bộ phận tổ chức", 5), (3, "Bộ phận kiểm tra", 4)),
    ),
    (
        "Danh mục thủ tục trước và sau đơn giản hoá",
        (
            ("TT", "Thủ tục", "Số bước trước", "Số bước sau", "Số ngày trước", "Số ngày sau"),
            (1, "Giới thiệu sinh hoạt", 6, 4, 10, 5),
            (2, "Xác nhận lý lịch", 7, 4, 15, 7),
            (3, "Cấp lại thẻ", 5, 3, 20, 10),
        ),
    ),
    (
        "Kết quả học tập nghị quyết theo bộ phận",
        (("TT", "Bộ phận", "Tổng số", "Đã học"), (1, "Khối cơ quan", 120, 118), (2, "Khối thôn, tổ dân phố", 200, 193)),
    ),
    (
        "Danh sách văn bản đã rà soát",
        (
            ("TT", "Loại văn bản", "Giữ", "Sửa", "Bãi bỏ"),
            (1, "Quy chế", 8, 2, 1),
            (2, "Quy định", 9, 3, 2),
            (3, "Hướng dẫn", 4, 1, 1),
        ),
    ),
)

PICTURES = (
    ("Hội nghị học tập nghị quyết", date(2021, 5, 12), "#8c2f39"),
    ("Tập huấn nghiệp vụ bầu cử", date(2021, 5, 18), "#1f4e79"),
    ("Lớp bồi dưỡng nghiệp vụ", date(2021, 6, 17), "#2f6b4f"),
    ("Hội nghị sơ kết sáu tháng", date(2021, 7, 8), "#6b4f2f"),
    ("Buổi làm việc của tổ công tác", date(2021, 8, 3), "#4b3f72"),
    ("Hội nghị triển khai nhiệm vụ", date(2021, 8, 20), "#2b5d6b"),
)

_FONTS = Path(__file__).parents[1] / "core/static/vendor/be-vietnam-pro"
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_DATE = b"%04d-%02d-%02dT%02d:%02d:%02dZ" % MADE
_PAGE = (1654, 2339)
_DOTS_PER_INCH = 200


def make_evidence() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file, in a fixed order; the bytes are the same at every call."""
    for document in DOCUMENTS:
        yield f"{document[0]} (mô phỏng).docx", _as_docx(*document)
    for document in SCANS:
        yield f"{document[0]} (mô phỏng).pdf", _as_scan(*document)
    for title, rows in SHEETS:
        yield f"{title} (mô phỏng).xlsx", _as_workbook(title, rows)
    for title, taken_on, colour in PICTURES:
        yield f"Ảnh {title[0].lower()}{title[1:]} (mô phỏng).jpg", _as_photo(title, taken_on, colour)


def _as_docx(title: str, paragraphs: Sequence[str], rows: Sequence[tuple[str, str]]) -> bytes:
    document = docx.Document()
    document.core_properties.author = AUTHOR
    document.core_properties.title = title
    document.core_properties.comments = MARK
    document.add_heading(title, 1)
    document.add_paragraph().add_run(MARK).italic = True
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return _with_fixed_dates(stream)


def _as_workbook(title: str, rows: Sequence[tuple[str | int, ...]]) -> bytes:
    book = Workbook()
    book.properties.creator = AUTHOR
    book.properties.title = title
    sheet = book.worksheets[0]
    sheet.title = "Số liệu mô phỏng"
    sheet.append([title])
    sheet.append([MARK])
    for row in rows:
        sheet.append(row)
    for cell in (*sheet[1], *sheet[3]):
        cell.font = Font(bold=True)
    sheet.column_dimensions["B"].width = 32
    stream = io.BytesIO()
    book.save(stream)
    return _with_fixed_dates(stream)


def _with_fixed_dates(stream: io.BytesIO) -> bytes:
    """Return an office document with the date of its making in its properties and at each of its parts."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "docProps/core.xml":
                content = _DATES.sub(rb"\g<1>" + _DATE, content)
            after.writestr(zipfile.ZipInfo(name, MADE), content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


def _as_scan(title: str, paragraphs: Sequence[str], rows: Sequence[tuple[str, str]]) -> bytes:
    """Return a PDF of one page in black and white, as offices scan what was signed."""
    page = Image.new("L", _PAGE, "white")
    draw = ImageDraw.Draw(page)
    left, right, top = 180, _PAGE[0] - 180, 260
    for text, size, weight in ((title, 52, 700), (MARK, 30, 500), *((text, 36, 400) for text in paragraphs)):
        for line in _lines(text, right - left, size=size, weight=weight):
            _write(draw, (left, top), line, size=size, weight=weight)
            top += int(size * 1.6)
        top += 28
    for cells in rows:
        draw.rectangle((left, top, right, top + 70), outline="black", width=2)
        draw.line((left + 860, top, left + 860, top + 70), fill="black", width=2)
        _write(draw, (left + 20, top + 48), cells[0], size=34)
        _write(draw, (left + 880, top + 48), cells[1], size=34)
        top += 70
    draw.ellipse((right - 420, top + 120, right - 120, top + 420), outline="black", width=8)
    stamp = "MÔ PHỎNG"
    _write(draw, (right - 270 - _width(stamp, size=40, weight=700) / 2, top + 284), stamp, size=40, weight=700)
    made = time.struct_time((*MADE, 0, 0, 0))
    stream = io.BytesIO()
    page.convert("1", dither=Image.Dither.NONE).save(
        stream, "PDF", resolution=_DOTS_PER_INCH, title=title, author=AUTHOR, creationDate=made, modDate=made
    )
    return stream.getvalue()


def _as_photo(title: str, taken_on: date, colour: str) -> bytes:
    """Return a drawing of a hall in place of a photo, with the day on which a camera would have taken it."""
    photo = Image.new("RGB", (1200, 800), colour)
    draw = ImageDraw.Draw(photo)
    draw.rectangle((0, 520, 1200, 800), fill="#c9b79c")
    draw.rectangle((150, 90, 1050, 300), fill="#f7f3e9", outline="#d4a72c", width=8)
    lines = _lines(title, 820, size=54, weight=700)
    top = 214 - 36 * (len(lines) - 1)
    for line in lines:
        _write(draw, (600 - _width(line, size=54, weight=700) / 2, top), line, size=54, weight=700, fill=colour)
        top += 72
    for row in range(3):
        for seat in range(9 + row):
            left, head = 600 - (9 + row) * 55 + seat * 110, 470 + row * 85
            draw.rounded_rectangle((left + 10, head + 44, left + 90, head + 110), 24, fill="#3d3d46")
            draw.ellipse((left + 26, head, left + 74, head + 50), fill="#e0b48c")
    draw.rectangle((0, 730, 1200, 800), fill="#202020")
    caption = f"Ảnh mô phỏng – {title}, {taken_on:%d/%m/%Y}"
    _write(draw, (30, 778), caption, size=34, weight=500, fill="white")
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "Simulated picture"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{taken_on:%Y:%m:%d} 09:00:00"
    stream = io.BytesIO()
    photo.resize((800, 533), Image.Resampling.LANCZOS).save(stream, "JPEG", quality=75, exif=exif)
    return stream.getvalue()


@cache
def _font(subset: str, weight: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS / f"be-vietnam-pro-{subset}-{weight}-normal.woff2", size)


def _runs(text: str, weight: int, size: int) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
    """Yield the parts of a text that one file of the font draws: letters beyond Latin-1 are in a file of their own."""
    for is_beyond, letters in groupby(text, key=lambda letter: "\u0100" <= letter < "\u2000"):
        yield _font("vietnamese" if is_beyond else "latin", weight, size), "".join(letters)


def _width(text: str, *, size: int, weight: int) -> float:
    return sum(font.getlength(run) for font, run in _runs(text, weight, size))


def _lines(text: str, width: float, *, size: int, weight: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if _width(longer, size=size, weight=weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    *,
    size: int,
    weight: int = 400,
    fill: str = "black",
) -> None:
    """Write one line; `at` is the left end of its base line."""
    left, base = at
    for font, run in _runs(text, weight, size):
        draw.text((left, base), run, fill=fill, font=font, anchor="ls")
        left += font.getlength(run)
