import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from openpyxl import Workbook

import trienkhai.demo
from trienkhai.core.errors import BadInput
from trienkhai.core.tables import read_tables
from trienkhai.tasks.models import OverTime, OverUnits, ReportingPeriod
from trienkhai.tasks.readers import AddresseeText, read_annex, unread_headings

TASK = {
    "TT": "1",
    "Nhóm": "Nghị quyết",
    "Nhiệm vụ": "Ban hành chương trình",
    "Chủ trì": "cấp tỉnh",
    "Phối hợp": "",
    "Thời hạn": "2021-06-30",
    "Sản phẩm": "Chương trình",
    "Tiêu chí nghiệm thu": "Có số",
    "Căn cứ": "Nghị quyết đại hội",
}
INDICATOR = {"Chỉ tiêu": "Số lớp", "Đơn vị tính": "lớp", "Mục tiêu": "5", "Cách tổng hợp": "cộng"}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def lines(*tasks):
    """Return a CSV file with a line for each task, whose headings are those of the first."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, tasks[0])
    writer.writeheader()
    writer.writerows(tasks)
    return stream.getvalue()


def workbook(*sheets, merged=(), change=None):
    """Return a workbook of sheets, each a list of rows, with ranges of the first one merged."""
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Phần {number}")
        for row in rows:
            sheet.append(row)
    for span in merged:
        book.worksheets[0].merge_cells(span)
    if change:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def annex(data):
    return read_annex(read_tables(data if isinstance(data, bytes) else data.encode(), name="annex"))


def one(**changes):
    (task,) = annex(lines(TASK | changes))
    return task


def places(data):
    with pytest.raises(BadInput) as caught:
        annex(data)
    return [(problem.sheet, problem.line, problem.column) for problem in caught.value.problems]


def test_the_programme_of_the_demonstration_is_read_whole():
    data = Path(trienkhai.demo.__file__).with_name("data") / "programme-2021.csv"

    tasks = read_annex(read_tables(data, name=data.name))

    levels = [[term.level for term in task.lead] for task in tasks]
    assert [task.number for task in tasks] == list(range(1, 16))
    assert [len(named) for named in levels] == [3, 3, 3, 2, 3, 2, 2, 3, 2, 3, 3, 1, 2, 3, 3]
    assert [task.number for task in tasks if task.no_deadline] == [13, 14]


def test_a_task_tells_all_that_the_row_says():
    task = one(**{"Phối hợp": "cấp xã", "Đơn vị theo dõi": "Tỉnh Hà Giang", "Minh chứng": "không", "Kỳ báo cáo": "quý"})

    assert (task.line, task.number, task.group, task.title) == (2, 1, "Nghị quyết", "Ban hành chương trình")
    assert (task.due, task.no_deadline, task.product, task.acceptance_test) == (
        date(2021, 6, 30),
        False,
        "Chương trình",
        "Có số",
    )
    assert [term.level for term in (*task.lead, *task.coordinators)] == ["province", "commune"]
    assert (task.monitor, task.evidence_required, task.reporting_period) == ("Tỉnh Hà Giang", False, "quarter")


@pytest.mark.parametrize(
    ("usual", "theirs"),
    [
        ("TT", "STT"),
        ("Nhiệm vụ", "NỘI DUNG  NHIỆM VỤ"),
        ("Chủ trì", "Cơ quan chủ trì"),
        ("Chủ trì", "Đơn vị\nchủ trì"),
        ("Phối hợp", "co quan phoi hop"),
        ("Thời hạn", "Thời gian hoàn thành"),
        ("Thời hạn", "Hạn hoàn thành:"),
        ("Sản phẩm", "Sản phẩm, kết quả"),
    ],
)
def test_usual_headings_mean_the_same(usual, theirs):
    renamed = {theirs if heading == usual else heading: cell for heading, cell in TASK.items()}

    assert annex(lines(renamed)) == annex(lines(TASK))


def test_headings_may_stand_in_any_order():
    (task,) = annex(lines(dict(reversed(TASK.items()))))

    assert (task.number, task.title, task.authority) == (1, "Ban hành chương trình", "Nghị quyết đại hội")


def test_missing_clears_are_left_empty_and_not_refused():
    (task,) = annex(lines(dict.fromkeys(TASK, "") | {"TT": "1", "Phối hợp": "không"}))

    assert (task.title, task.lead, task.due, task.no_deadline) == ("", (), None, False)
    assert (task.authority, task.product, task.acceptance_test) == ("", "", "")
    assert task.says_no_coordinators


@pytest.mark.parametrize(
    "text",
    [
        "2021-06-30",
        "30/06/2021",
        "30/6/2021",
        "30-6-2021",
        "30.6.2021",
        "Trước ngày 30/6/2021",
        "Chậm nhất là ngày 30 tháng 6 năm 2021.",
        "2021-06-30 00:00:00",
    ],
)
def test_dates_are_read_as_offices_write_them(text):
    assert one(**{"Thời hạn": text}).due == date(2021, 6, 30)


@pytest.mark.parametrize("text", ["không hạn", "Không thời hạn", "Thường xuyên", "thường xuyên, liên tục"])
def test_no_deadline_may_be_said(text):
    task = one(**{"Thời hạn": text})

    assert (task.due, task.no_deadline) == (None, True)


@pytest.mark.parametrize(
    "text", ["31/6/2021", "06/30/2021", "30/6", "30/6/21", "tháng 6", "quý II/2021", "1/3/2021 - 30/6/2021", "44377"]
)
def test_a_date_that_is_none_is_refused(text):
    assert places(lines(TASK | {"Thời hạn": text})) == [("", 2, "Thời hạn")]


def test_a_date_of_a_workbook_is_taken_as_it_is():
    (task,) = annex(workbook([["TT", "Nhiệm vụ", "Thời hạn"], [1, "A", date(2021, 6, 30)]]))

    assert (task.number, task.due) == (1, date(2021, 6, 30))


def terms(text):
    return [(term.level, term.kind, term.under, term.unit, term.is_exception) for term in one(**{"Chủ trì": text}).lead]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cấp tỉnh; Cấp huyện\ncấp xã", [("province", "", "", ""), ("district", "", "", ""), ("commune", "", "", "")]),
        ("cấp tỉnh, huyện và xã", [("province", "", "", ""), ("district", "", "", ""), ("commune", "", "", "")]),
        ("các tỉnh, thành phố trực thuộc Trung ương", [("province", "", "", "")]),
        ("cấp xã thuộc Thành phố Hà Nội", [("commune", "", "Thành phố Hà Nội", "")]),
        ("các xã thuộc tỉnh Hà Giang.", [("commune", "", "tỉnh Hà Giang", "")]),
        ("các phường thuộc Quận Ba Đình", [("", "Phường", "Quận Ba Đình", "")]),
        ("các đơn vị thuộc Tỉnh Hà Giang", [("", "", "Tỉnh Hà Giang", "")]),
        ("- Thành phố Hà Nội\n- 02", [("", "", "", "Thành phố Hà Nội"), ("", "", "", "02")]),
        ("Sở Lao động, Thương binh và Xã hội", [("", "", "", "Sở Lao động, Thương binh và Xã hội")]),
        ("Chi cục Phòng trừ sâu bệnh", [("", "", "", "Chi cục Phòng trừ sâu bệnh")]),
        ("Văn phòng thuộc Tỉnh uỷ", [("", "", "", "Văn phòng thuộc Tỉnh uỷ")]),
        ("cấp tỉnh; cấp tỉnh;;", [("province", "", "", "")]),
    ],
)
def test_the_words_of_an_addressee_rule_are_understood(text, expected):
    assert list(dict.fromkeys(terms(text))) == [(*term, False) for term in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cấp tỉnh; trừ Tỉnh A", [("", "", "", "Tỉnh A"), ("", "", "Tỉnh A", "")]),
        ("cấp xã (trừ Tỉnh A)", [("", "", "", "Tỉnh A"), ("commune", "", "Tỉnh A", "")]),
        ("cấp xã; trừ các xã thuộc Huyện B", [("commune", "", "Huyện B", "")]),
    ],
)
def test_an_exception_takes_out_a_unit_and_what_is_under_it(text, expected):
    assert [term[:4] for term in terms(text) if term[4]] == expected


def test_a_term_keeps_the_words_that_it_was_read_from():
    assert one(**{"Chủ trì": "Cấp tỉnh"}).lead == (AddresseeText("province", "", "", "", False, "Cấp tỉnh"),)


@pytest.mark.parametrize(
    ("text", "over_units", "over_time"),
    [
        ("cộng", OverUnits.SUM, OverTime.FLOW),
        ("Cộng; cuối kỳ", OverUnits.SUM, OverTime.STOCK),
        ("tồn", OverUnits.SUM, OverTime.STOCK),
        ("trung bình theo số người", OverUnits.WEIGHTED_MEAN, OverTime.STOCK),
        ("trung bình có trọng số", OverUnits.WEIGHTED_MEAN, OverTime.STOCK),
        ("tử số/mẫu số", OverUnits.RATIO, OverTime.STOCK),
        ("tử số / mẫu số, trong kỳ", OverUnits.RATIO, OverTime.FLOW),
    ],
)
def test_how_an_indicator_adds_up_is_understood(text, over_units, over_time):
    indicator = one(**INDICATOR | {"Cách tổng hợp": text}).indicator

    assert (indicator.over_units, indicator.over_time) == (over_units, over_time)


@pytest.mark.parametrize(
    ("text", "measure", "target"),
    [
        ("95", "%", "95"),
        ("95%", "", "95"),
        ("95,5", "%", "95.5"),
        ("95.5", "%", "95.5"),
        ("0.125", "ha", "0.125"),
        ("1000", "người", "1000"),
        ("1.000.000", "người", "1000000"),
        ("-3", "người", "-3"),
    ],
)
def test_targets_are_read_as_offices_write_them(text, measure, target):
    indicator = one(**INDICATOR | {"Mục tiêu": text, "Đơn vị tính": measure}).indicator

    assert (indicator.target, indicator.measure) == (Decimal(target), measure or "%")


def test_an_indicator_may_have_no_target():
    assert one(**INDICATOR | {"Mục tiêu": ""}).indicator.target is None


def test_a_percentage_of_a_workbook_is_taken_as_it_is_shown():
    def change(book):
        book.active["D2"].number_format = "0%"

    headings = ["TT", "Nhiệm vụ", "Chỉ tiêu", "Mục tiêu", "Đơn vị tính", "Cách tổng hợp"]
    (task,) = annex(workbook([headings, [1, "A", "Tỷ lệ", 0.95, "%", "tử số/mẫu số"]], change=change))

    assert task.indicator.target == 95


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("tuần", ReportingPeriod.WEEK),
        ("Hàng tháng", ReportingPeriod.MONTH),
        ("quý", ReportingPeriod.QUARTER),
        ("6 tháng", ReportingPeriod.HALF_YEAR),
        ("hằng năm", ReportingPeriod.YEAR),
        ("", ReportingPeriod.NONE),
    ],
)
def test_reporting_periods_are_understood(text, period):
    assert one(**{"Kỳ báo cáo": text}).reporting_period == period


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("TT", ""),
        ("TT", "0"),
        ("TT", "-1"),
        ("TT", "1.5"),
        ("TT", "một"),
        ("Kỳ báo cáo", "thế kỷ"),
        ("Cách tổng hợp", "nhân"),
        ("Cách tổng hợp", ""),
        ("Cách tổng hợp", "cộng, tử số/mẫu số"),
        ("Mục tiêu", "nhiều"),
        ("Mục tiêu", "1.000"),
        ("Mục tiêu", "95%"),
        ("Mục tiêu", "0,00001"),
        ("Mục tiêu", "1" * 15),
        ("Minh chứng", "có thể"),
        ("Sản phẩm", "x" * 501),
    ],
)
def test_a_bad_cell_is_refused_with_line_and_column(column, text):
    task = TASK | INDICATOR | {"Kỳ báo cáo": "", "Minh chứng": ""}

    assert places(lines(task | {"TT": "9"}, task | {column: text})) == [("", 3, column)]


def test_an_indicator_without_a_name_is_refused():
    assert places(lines(TASK | INDICATOR | {"Chỉ tiêu": "", "Cách tổng hợp": "", "Mục tiêu": ""})) == [
        ("", 2, "Đơn vị tính")
    ]


def test_two_tasks_of_one_number_name_the_other_line():
    with pytest.raises(BadInput) as caught:
        annex(lines(TASK, TASK | {"TT": "2"}, TASK))

    (problem,) = caught.value.problems
    assert (problem.line, "line 2" in str(problem.message)) == (4, True)


def test_every_bad_place_is_listed_in_file_order():
    text = lines(TASK | {"TT": "x", "Thời hạn": "?"}, TASK | {"TT": "2"}, TASK | {"TT": "2", "Thời hạn": "mai"})

    assert places(text) == [("", 2, "TT"), ("", 2, "Thời hạn"), ("", 4, "Thời hạn"), ("", 4, "TT")]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "Nhóm,Căn cứ\nA,B\n"])
def test_a_table_without_the_needed_headings_is_refused(text):
    assert places(text)


def test_a_table_with_headings_only_is_refused():
    assert places("TT,Nhiệm vụ\n") == [("", None, "")]


def test_headings_that_are_not_loaded_are_named_for_the_preview():
    assert unread_headings(read_tables(lines(TASK | {"Ghi chú": "x"}).encode(), name="annex")) == ("Ghi chú",)


def test_an_annex_as_offices_have_it_is_read():
    rows = [
        ["PHỤ LỤC"],
        ["BẢNG PHÂN CÔNG NHIỆM VỤ NĂM 2021"],
        [],
        ["STT", "Nội dung nhiệm vụ", "Cơ quan chủ trì", "Thời hạn", "Chỉ tiêu", None, None, "Cách tổng hợp"],
        [None, None, None, None, "Tên", "ĐVT", "Mục tiêu", None],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"],
        ["I", "Nghị quyết"],
        [1, "Ban hành", "cấp tỉnh", "Thường xuyên"],
        [None, None, None, None],
        ["STT", "Nội dung nhiệm vụ", "Cơ quan chủ trì", "Thời hạn", "Tên", "ĐVT", "Mục tiêu", "Cách tổng hợp"],
        [2, "Học tập", "cấp xã", "30/6/2021", "Số lớp", "lớp", 5, "cộng"],
        ["II. Cán bộ"],
        [3, "Kiện toàn", "cấp huyện", "31/7/2021"],
    ]
    merged = ["A1:H1", "A2:H2", "A4:A5", "B4:B5", "C4:C5", "D4:D5", "E4:G4", "H4:H5", "A12:H12"]

    tasks = annex(workbook(rows, merged=merged))

    assert [(task.line, task.number, task.group, task.title) for task in tasks] == [
        (8, 1, "Nghị quyết", "Ban hành"),
        (11, 2, "Nghị quyết", "Học tập"),
        (13, 3, "Cán bộ", "Kiện toàn"),
    ]
    assert (tasks[1].indicator.name, tasks[1].indicator.measure, tasks[1].indicator.target) == ("Số lớp", "lớp", 5)


def test_a_merged_group_holds_for_all_its_rows():
    rows = [["TT", "Nhóm", "Nhiệm vụ"], [1, "Cán bộ", "A"], [2, None, "B"], [3, None, "C"]]

    assert [task.group for task in annex(workbook(rows, merged=["B2:B3"]))] == ["Cán bộ", "Cán bộ", ""]


def test_sheets_are_parts_of_one_annex():
    tasks = annex(workbook([["TT", "Nhiệm vụ"], [1, "A"]], [["Nhiệm vụ", "TT"], ["B", 2]]))

    assert [(task.sheet, task.number, task.title) for task in tasks] == [("Phần 1", 1, "A"), ("Phần 2", 2, "B")]


def test_a_number_used_on_two_sheets_is_refused():
    sheet = [["TT", "Nhiệm vụ"], [1, "A"]]

    assert places(workbook(sheet, sheet)) == [("Phần 2", 2, "TT")]


def test_a_sheet_without_headings_is_refused_unless_it_is_hidden():
    data = workbook([["TT", "Nhiệm vụ"], [1, "A"]], [["ghi chú"]])
    hidden = workbook(
        [["TT", "Nhiệm vụ"], [1, "A"]],
        [["ghi chú"]],
        change=lambda book: setattr(book.worksheets[1], "sheet_state", "hidden"),
    )

    assert places(data) == [("Phần 2", 1, "")]
    assert len(annex(hidden)) == 1


def test_an_annex_with_formulas_that_were_never_computed_is_refused():
    assert places(workbook([["TT", "Nhiệm vụ"], ["=1", "A"], ["=A2+1", "B"]])) == [
        ("Phần 1", 2, "A"),
        ("Phần 1", 3, "A"),
    ]


def test_ten_thousand_blank_rows_change_nothing():
    def change(book):
        for line in range(3, 10_003):
            book.active.cell(line, 2).value = " "

    assert len(annex(workbook([["TT", "Nhiệm vụ"], [1, "A"]], change=change))) == 1
