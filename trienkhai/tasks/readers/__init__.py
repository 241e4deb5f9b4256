"""A programme from the annex of assignments (bảng phân công nhiệm vụ) that an office writes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from trienkhai.core.errors import Problem
from trienkhai.core.tables import Record, Table, bad_places, columns_of, in_file_order, plain_key, with_headings
from trienkhai.tasks.readers.addressees import LEVEL_WORDS, AddresseeText, by_key, read_addressees

__all__ = ["FIELDS", "LEVEL_WORDS", "AddresseeText", "IndicatorRow", "TaskRow", "read_annex", "unread_headings"]

FIELDS = {
    "number": ("TT", "STT", "số TT", "số thứ tự"),
    "group": ("nhóm", "nhóm nhiệm vụ", "nhóm việc", "lĩnh vực", "chương trình"),
    "title": (
        "nhiệm vụ",
        "nội dung",
        "nội dung nhiệm vụ",
        "tên nhiệm vụ",
        "nhiệm vụ cụ thể",
        "nội dung công việc",
        "công việc",
    ),
    "lead": ("chủ trì", "cơ quan chủ trì", "đơn vị chủ trì", "cơ quan, đơn vị chủ trì", "đơn vị thực hiện"),
    "coordinators": ("phối hợp", "cơ quan phối hợp", "đơn vị phối hợp", "cơ quan, đơn vị phối hợp"),
    "due": (
        "thời hạn",
        "hạn",
        "hạn hoàn thành",
        "thời gian hoàn thành",
        "thời hạn hoàn thành",
        "thời gian thực hiện",
        "ngày hoàn thành",
    ),
    "product": ("sản phẩm", "kết quả", "sản phẩm, kết quả", "kết quả, sản phẩm", "sản phẩm đầu ra", "sản phẩm dự kiến"),
    "acceptance_test": ("tiêu chí nghiệm thu", "tiêu chuẩn nghiệm thu", "yêu cầu nghiệm thu", "nghiệm thu"),
    "authority": ("căn cứ", "căn cứ giao", "căn cứ pháp lý", "căn cứ thực hiện", "văn bản giao"),
    "indicator": ("chỉ tiêu", "tên chỉ tiêu"),
    "measure": ("đơn vị tính", "ĐVT"),
    "target": ("mục tiêu", "chỉ tiêu giao", "giá trị mục tiêu"),
    "aggregation": ("cách tổng hợp", "cách tính"),
    "period": ("kỳ báo cáo", "kì báo cáo", "chế độ báo cáo", "định kỳ báo cáo"),
    "monitor": ("đơn vị theo dõi", "cơ quan theo dõi", "theo dõi"),
    "evidence": ("minh chứng", "yêu cầu minh chứng"),
}
"""Each field of a task → the headings under which an annex gives it, the usual one first."""

_HEADINGS = {plain_key(heading): field for field, headings in FIELDS.items() for heading in headings}
_LONGEST = {"group": 200, "product": 500, "authority": 500, "indicator": 300, "measure": 60}

_NO_DEADLINE = {
    "không hạn",
    "không thời hạn",
    "không có hạn",
    "không có thời hạn",
    "không xác định thời hạn",
    "không quy định thời hạn",
    "thường xuyên",
    "thường xuyên, liên tục",
}
_PERIODS = {
    "tuần": "week",
    "tháng": "month",
    "quý": "quarter",
    "quí": "quarter",
    "nửa năm": "half_year",
    "6 tháng": "half_year",
    "sáu tháng": "half_year",
    "năm": "year",
    "một lần": "",
    "khi hoàn thành": "",
}
_OVER_UNITS = {
    "cộng": "sum",
    "cộng dồn": "sum",
    "tổng": "sum",
    "tổng cộng": "sum",
    "trung bình theo số người": "weighted_mean",
    "bình quân theo số người": "weighted_mean",
    "trung bình có trọng số": "weighted_mean",
    "bình quân gia quyền": "weighted_mean",
    "tử số/mẫu số": "ratio",
    "tỷ lệ tử số/mẫu số": "ratio",
}
_OVER_TIME = {
    "trong kỳ": "flow",
    "phát sinh trong kỳ": "flow",
    "cuối kỳ": "stock",
    "cuối kì": "stock",
    "số cuối kỳ": "stock",
    "tồn": "stock",
}
_YES_NO = {"": True, "có": True, "x": True, "true": True, "yes": True, "không": False, "false": False, "no": False}

_PERIODS_BY_KEY = by_key(_PERIODS)
_OVER_UNITS_BY_KEY = by_key(_OVER_UNITS)
_OVER_TIME_BY_KEY = by_key(_OVER_TIME)
_YES_NO_BY_KEY = by_key(_YES_NO)
_NO_DEADLINE_KEYS = {plain_key(words) for words in _NO_DEADLINE}
_NUMBER = re.compile(r"([0-9]{1,6})[.)]?")
_ORDINAL = re.compile(r"(?:[IVXLC]+|[A-ZĐ])[.)]?")
_GROUP_ORDINAL = re.compile(r"^(?:Phần\s+)?(?:[IVXLC]+|[A-ZĐ])\s*[.):/–-]\s*")
_DAY = re.compile(
    r"(?P<iso>(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})(?:[T ]00:00(?::00)?)?)"
    r"|(?P<day>[0-9]{1,2})\s*(?P<sign>[/.-])\s*(?P<month>[0-9]{1,2})\s*(?P=sign)\s*(?P<year>[0-9]{4})"
    r"|(?P<said_day>[0-9]{1,2})\s+tháng\s+(?P<said_month>[0-9]{1,2})\s+năm\s+(?P<said_year>[0-9]{4})",
    flags=re.IGNORECASE,
)
_WORDS_BEFORE_A_DAY = "trước ngày, đến hết ngày, hạn hoàn thành xong, chậm nhất là, muộn nhất, vào, trong, thời hạn"
_BEFORE_A_DAY = set(plain_key(_WORDS_BEFORE_A_DAY).split())
_TARGET = re.compile(r"([+-]?[0-9]+(?:[.,][0-9]+)*)\s*(%?)")


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """The number that a task must reach; `over_units` and `over_time` are values of the model's choices."""

    name: str
    measure: str
    target: Decimal | None
    over_units: str
    over_time: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task of the annex. What the file leaves out is empty: the six clears are judged elsewhere."""

    line: int
    sheet: str
    number: int
    group: str
    title: str
    lead: tuple[AddresseeText, ...]
    coordinators: tuple[AddresseeText, ...]
    due: date | None
    no_deadline: bool
    product: str
    acceptance_test: str
    authority: str
    indicator: IndicatorRow | None
    reporting_period: str
    monitor: str = ""
    evidence_required: bool = True

    @property
    def says_no_coordinators(self) -> bool:
        """Whether nobody coordinates: an empty cell means none, and the preview says so."""
        return not self.coordinators


def read_annex(tables: Sequence[Table], *, level_words: Mapping[str, str] | None = None) -> tuple[TaskRow, ...]:
    """Read the tasks of an annex, whose sheets are its parts, in file order.

    Headings are Vietnamese, in any order and usual wording. Rows that only give a group's title (“I. Nghị quyết”) set
    the group of those under them that name none; rows that number the columns are left out. “Before the day” counts
    as due on that day. `level_words`, by default `LEVEL_WORDS`, are the words that address all units of a level.
    Raises BadInput with every bad place: a date, number, target, period or aggregation that is none, two tasks of one
    number, a sheet without headings. A missing clear is no bad place.
    """
    levels = by_key(LEVEL_WORDS if level_words is None else level_words)
    problems: list[Problem] = []
    tasks: list[TaskRow] = []
    for table in tables:
        headed = with_headings(table, _HEADINGS)
        if headed.headings:
            tasks += _read_sheet(headed, levels, problems)
        elif not table.is_hidden:
            sentence = _("The sheet has no row of headings: at least TT and Nhiệm vụ are needed.")
            problems.append(Problem(sentence, line=table.rows[0].line, sheet=table.sheet))
    problems += _doubles(tasks)
    if not problems and not tasks:
        problems = [Problem(_("The file has no tasks."))]
    if problems:
        raise bad_places(in_file_order(problems, tables))
    return tuple(tasks)


def unread_headings(tables: Sequence[Table]) -> tuple[str, ...]:
    """Return the headings of an annex that `read_annex` does not know, for the preview to name: they are not loaded."""
    headed = (with_headings(table, _HEADINGS) for table in tables)
    return tuple(dict.fromkeys(heading for table in headed for heading in columns_of(table, _HEADINGS)[1]))


def _read_sheet(table: Table, levels: Mapping[str, str], problems: list[Problem]) -> Iterator[TaskRow]:
    columns, _unknown, wrong = columns_of(table, _HEADINGS)
    problems += wrong
    missing = [FIELDS[field][0] for field in ("number", "title") if field not in columns]
    for heading in missing:
        sentence = _("The column %(column)s is missing.") % {"column": heading}
        problems.append(Problem(sentence, column=heading, sheet=table.sheet))
    if missing:
        return
    group = ""
    for row in table.rows:
        record = Record(row, table, columns, problems)
        if _numbers_the_columns(record):
            continue
        title = _group_title(record)
        if title:
            group = _GROUP_ORDINAL.sub("", title) or title
        else:
            yield _read_task(record, group, levels)


def _numbers_the_columns(record: Record) -> bool:
    """Tell whether a row is “(1) (2) (3) …” or “A B 1 2 …”, as tables with official headings have it."""
    texts = [str(cell).strip("()") for cell in record.row.cells if cell != ""]
    numbers = [text for text in texts if not re.fullmatch("[A-Z]", text)]
    return len(texts) > 2 and len(numbers) > 1 and numbers == [str(n + 1) for n in range(len(numbers))]


def _group_title(record: Record) -> str:
    """Return the title if the row has nothing else, but perhaps its ordinal (“II”) in the column of numbers."""
    number, group, title = (record.line_of_text(field) for field in ("number", "group", "title"))
    filled = {place for place, cell in enumerate(record.row.cells) if cell != ""}
    named = {record.columns[field] for field in ("number", "group", "title") if field in record.columns}
    texts = {str(record.row.cells[place]) for place in filled}
    if len(texts) == 1 and (len(filled) > 1 or filled <= named) and not _NUMBER.fullmatch(number):
        return number or group or title
    if filled <= named and _ORDINAL.fullmatch(number) and bool(title) != bool(group):
        return title or group
    return ""


def _read_task(record: Record, group: str, levels: Mapping[str, str]) -> TaskRow:
    texts = {field: record.line_of_text(field) for field in FIELDS}
    texts["group"] = texts["group"] or group
    record.refuse_long(texts, _LONGEST)
    found = _NUMBER.fullmatch(texts["number"])
    number = int(found[1]) if found else 0
    if not number:
        record.refuse("number", _("The number of a task is a whole number from 1."))
    due, no_deadline = _due_of(record, texts["due"])
    evidence = _YES_NO_BY_KEY.get(plain_key(texts["evidence"]))
    if evidence is None:
        record.refuse("evidence", _("Write “có” or “không”."))
    return TaskRow(
        line=record.row.line,
        sheet=record.table.sheet,
        number=number,
        group=texts["group"],
        title=texts["title"],
        lead=read_addressees(str(record.cell("lead")), levels),
        coordinators=read_addressees(str(record.cell("coordinators")), levels),
        due=due,
        no_deadline=no_deadline,
        product=texts["product"],
        acceptance_test=texts["acceptance_test"],
        authority=texts["authority"],
        indicator=_indicator_of(record, texts),
        reporting_period=_period_of(record, texts["period"]),
        monitor=texts["monitor"],
        evidence_required=evidence is not False,
    )


def _doubles(tasks: Iterable[TaskRow]) -> Iterator[Problem]:
    first: dict[int, TaskRow] = {}
    for task in tasks:
        earlier = first.setdefault(task.number, task)
        if earlier is not task and task.number:
            sentence = _("The number is that of line %(line)s too.")
            if earlier.sheet != task.sheet:
                sentence = _("The number is that of line %(line)s of the sheet %(sheet)s too.")
            words = {"line": earlier.line, "sheet": earlier.sheet}
            yield Problem(sentence % words, line=task.line, column="TT", sheet=task.sheet, value=str(task.number))


def _due_of(record: Record, text: str) -> tuple[date | None, bool]:
    """Return the due date, and whether the cell says that there is none."""
    cell = record.cell("due")
    if isinstance(cell, date):
        return cell, False
    if not text or plain_key(text) in _NO_DEADLINE_KEYS:
        return None, bool(text)
    found = _DAY.search(text)
    if found and not text[found.end() :].strip(" .") and set(plain_key(text[: found.start()]).split()) <= _BEFORE_A_DAY:
        part = found.groupdict()
        year, month, day = (
            int(part[iso] or part[short] or part[said])
            for iso, short, said in (("y", "year", "said_year"), ("m", "month", "said_month"), ("d", "day", "said_day"))
        )
        try:
            return date(year, month, day), False
        except ValueError:
            pass
    record.refuse("due", _("It is not a date; write day/month/year, or “không hạn”."))
    return None, False


def _period_of(record: Record, text: str) -> str:
    key = re.sub(r"^(?:(?:dinh ky|theo|hang|moi|bao cao|1 lan) )+", "", plain_key(text))
    if key and key not in _PERIODS_BY_KEY:
        record.refuse("period", _("There is no such period; write tuần, tháng, quý, 6 tháng or năm."))
    return _PERIODS_BY_KEY.get(key, "")


def _indicator_of(record: Record, texts: Mapping[str, str]) -> IndicatorRow | None:
    if not texts["indicator"]:
        for field in ("measure", "target", "aggregation"):
            if texts[field]:
                record.refuse(field, _("The indicator has no name."))
        return None
    over_units, over_time = _aggregation_of(record, texts["aggregation"])
    target, is_percentage = _target_of(record, texts["target"])
    measure = texts["measure"] or ("%" if is_percentage else "")
    if is_percentage and measure != "%":
        record.refuse("target", _("The target is a percentage, but the unit of measure is another."))
    return IndicatorRow(
        name=texts["indicator"], measure=measure, target=target, over_units=over_units, over_time=over_time
    )


def _aggregation_of(record: Record, text: str) -> tuple[str, str]:
    """Return how the indicator adds up over units and over time.

    Sums flow and means and ratios are stocks, unless the cell says otherwise (“cộng; cuối kỳ”).
    """
    units: set[str] = set()
    time: set[str] = set()
    keys = [key for key in map(plain_key, re.split("[;,]", text)) if key]
    for key in keys:
        if key in _OVER_UNITS_BY_KEY:
            units.add(_OVER_UNITS_BY_KEY[key])
        elif key in _OVER_TIME_BY_KEY:
            time.add(_OVER_TIME_BY_KEY[key])
        else:
            units |= {"", key}
    if not keys or len(units) > 1 or len(time) > 1:
        record.refuse(
            "aggregation",
            _("Say how the values add up: cộng, cuối kỳ, trung bình theo số người, or tử số/mẫu số."),
        )
        return "", ""
    over_units = next(iter(units), "sum")
    return over_units, next(iter(time), "flow" if over_units == "sum" else "stock")


def _target_of(record: Record, text: str) -> tuple[Decimal | None, bool]:
    """Return the target, and whether it is written as a percentage.

    A comma begins the decimals; “1.000.000” is a million. “1.000” and “1,000” could be either, and are refused.
    """
    cell = record.cell("target")
    if not text:
        return None, False
    found = _TARGET.fullmatch(text)
    if isinstance(cell, date) or not found:
        record.refuse("target", _("It is not a number."))
        return None, False
    digits = found[1]
    if not isinstance(cell, Decimal):
        if re.fullmatch(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}", digits):
            record.refuse("target", _("It can be read as thousands or as decimals; write 1000 or 1,0."))
            return None, False
        if re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", digits) and not digits.lstrip("+-").startswith("0."):
            digits = digits.replace(".", "")
        digits = digits.replace(",", ".")
    if digits.count(".") > 1:
        record.refuse("target", _("It is not a number."))
        return None, False
    target = Decimal(digits)
    if target != target.quantize(Decimal("0.0001")) or abs(target) >= Decimal(10) ** 14:
        record.refuse("target", _("A target has at most 14 digits before the comma and 4 after it."))
        return None, False
    return target, found[2] == "%"
