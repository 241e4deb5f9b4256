"""What units and their reviewers would plausibly do with a year's programme: pure, and the same for the same seed.

Units differ in diligence, and so do provinces; some results come late, some are returned, some never come.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

SEED = "trienkhai-2021"
ISSUED = date(2021, 3, 12)
LAST_DAY = date(2021, 9, 15)

EPIDEMIC_PROVINCE = "79"
EPIDEMIC_DAY = date(2021, 7, 9)
EPIDEMIC_TASK = 11

PEOPLE = {"province": (900, 6000), "district": (200, 900), "commune": (60, 320)}
"""How many people an indicator of a unit counts, by level."""

WORK_DONE = (
    "Đã hoàn thành theo yêu cầu của kế hoạch; hồ sơ kèm theo minh chứng.",
    "Đã thực hiện xong các nội dung được giao và gửi cấp trên sản phẩm theo quy định.",
    "Hoàn thành; đã họp rút kinh nghiệm và phân công theo dõi duy trì kết quả.",
    "Đã ban hành văn bản, phổ biến tới các bộ phận liên quan và lưu hồ sơ.",
)
WORK_UNDER_WAY = (
    "Đã phân công người phụ trách và lập kế hoạch chi tiết.",
    "Đang tổng hợp số liệu từ các bộ phận; dự kiến hoàn thành đúng hạn.",
    "Đã tổ chức họp triển khai và giao việc cho từng thành viên.",
    "Đang lấy ý kiến góp ý dự thảo; tiến độ bảo đảm.",
    "Đã hoàn thành bước rà soát, chuyển sang bước tổng hợp.",
)
DIFFICULTIES = (
    "",
    "",
    "",
    "",
    "Thiếu người làm công tác tổng hợp.",
    "Một số nội dung phải chờ hướng dẫn của cấp trên.",
    "Dịch bệnh làm chậm việc họp và lấy ý kiến.",
    "Đường truyền yếu, gửi tài liệu lớn còn chậm.",
)
RETURN_REASONS = (
    "Thiếu minh chứng cho số liệu đã báo cáo; đề nghị bổ sung.",
    "Số liệu chưa khớp với kỳ báo cáo trước; đề nghị kiểm tra lại.",
    "Sản phẩm chưa đúng tiêu chí nghiệm thu; đề nghị hoàn thiện.",
    "Văn bản kèm theo chưa có số và ngày ban hành.",
)
SUSPENSION_REASON = "Tạm dừng do giãn cách xã hội phòng, chống dịch (mô phỏng)."
EXTENSION_REASON = "Địa phương tập trung phòng, chống dịch nên xin lùi thời hạn (mô phỏng)."
EXTENSION_ANSWER = "Đồng ý gia hạn."


@dataclass(frozen=True, slots=True)
class Indicator:
    """The number that a task asks for; `is_sum` when it has no denominator."""

    id: int
    is_sum: bool


@dataclass(frozen=True, slots=True)
class Work:
    """One assignment as the simulation sees it; `unit` and `above` are names of units that seed what they do."""

    assignment: int
    unit: str
    above: str
    province: str
    level: str
    task: int
    due: date | None
    period: str
    demands_evidence: bool
    indicator: Indicator | None


@dataclass(frozen=True, slots=True)
class Report:
    """A report to send on its day; `files` are numbers of evidence files, to be taken modulo how many there are."""

    work: Work
    progress: int
    is_result: bool
    text: str
    difficulties: str
    value: tuple[Decimal, Decimal | None] | None
    files: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision on the result that an assignment waits with."""

    assignment: int
    is_accepted: bool
    reason: str = ""
    new_due: date | None = None


@dataclass(slots=True)
class Day:
    """What happens on one day, in this order: suspensions, requests, answers, decisions, reports."""

    day: date
    suspended: list[int] = field(default_factory=list)
    asked: list[tuple[int, date]] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)


Event = tuple[date, str, object]


def simulate(works: Iterable[Work]) -> Iterator[Day]:
    """Yield the days from the issue to the last day on which something happens, in their order."""
    days: dict[date, Day] = defaultdict(lambda: Day(ISSUED))
    diligence = _Diligence()
    for work in works:
        for day, list_name, event in _events(work, diligence):
            if day <= LAST_DAY:
                getattr(days[day], list_name).append(event)
    for day in sorted(days):
        days[day].day = day
        yield days[day]


class _Diligence:
    """How diligent each unit is (0–1), its province having a share in it."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}

    def __call__(self, unit: str, province: str) -> float:
        if unit not in self._known:
            common = random.Random(f"{SEED}:province:{province}").gauss(0.62, 0.10)
            own = random.Random(f"{SEED}:unit:{unit}").gauss(0, 0.15)
            self._known[unit] = min(0.97, max(0.05, common + own))
        return self._known[unit]


def _events(work: Work, diligence: _Diligence) -> Iterator[Event]:
    chance = random.Random(f"{SEED}:{work.unit}:{work.task}")
    keen = diligence(work.unit, work.province)
    if work.due is None:
        events = _endless(work, chance, keen)
    else:
        events = _towards(work, work.due, chance, keen, diligence(work.above, work.province))
    if work.task == EPIDEMIC_TASK and work.province == EPIDEMIC_PROVINCE and work.level == "commune":
        yield from _until_epidemic(work, list(events))
    else:
        yield from events


def _endless(work: Work, chance: random.Random, keen: float) -> Iterator[Event]:
    """Report on a task without deadline: some units each month where it is asked for, now and then elsewhere."""
    day = ISSUED + timedelta(days=chance.randint(5, 30))
    while day <= LAST_DAY:
        if chance.random() < (keen if work.period else 0.04):
            yield _working_day(day), "reports", _report(work, chance, progress=chance.randint(10, 90))
        day += timedelta(days=chance.randint(28, 34))


def _towards(work: Work, due: date, chance: random.Random, keen: float, reviewer_keen: float) -> Iterator[Event]:
    """Report progress, then the result; have it reviewed, and once more after a return."""
    if chance.random() < 0.22 * (1 - keen):
        return
    result_day = due + timedelta(days=round(chance.gauss(-12 + 36 * (0.62 - keen), 11)))
    result_day = _working_day(max(result_day, ISSUED + timedelta(days=chance.randint(6, 24))))
    last = ISSUED
    length = (result_day - ISSUED).days
    for step in range(1, 1 + min(length // 35, chance.randint(0, 3))):
        day = _working_day(ISSUED + timedelta(days=length * step // 4 + chance.randint(0, 9)))
        if last < day < result_day:
            last = day
            yield day, "reports", _report(work, chance, progress=min(90, step * 25 + chance.randint(-9, 15)))
    if result_day > due and chance.random() < 0.01:
        asked = due - timedelta(days=5)
        due += timedelta(days=chance.choice((10, 15, 20, 30)))
        yield asked, "asked", (work.assignment, due)
        yield asked + timedelta(days=2), "answered", work.assignment
    yield result_day, "reports", _report(work, chance, progress=100, is_result=True)
    decided = _working_day(result_day + timedelta(days=1 + min(30, round(chance.expovariate(reviewer_keen / 4)))))
    if chance.random() > 0.05 + 0.10 * (1 - keen):
        yield decided, "decisions", Decision(work.assignment, is_accepted=True)
        return
    new_due = decided + timedelta(days=14) if decided > due else None
    yield (
        decided,
        "decisions",
        Decision(work.assignment, is_accepted=False, reason=chance.choice(RETURN_REASONS), new_due=new_due),
    )
    again = _working_day(decided + timedelta(days=chance.randint(3, 25)))
    yield again, "reports", _report(work, chance, progress=100, is_result=True)
    accepted = _working_day(again + timedelta(days=chance.randint(1, 9)))
    yield accepted, "decisions", Decision(work.assignment, is_accepted=True)


def _until_epidemic(work: Work, events: list[Event]) -> Iterator[Event]:
    """Stop the work where the epidemic stopped it, unless its result was already sent."""
    before = [event for event in events if event[0] < EPIDEMIC_DAY]
    if any(isinstance(event, Report) and event.is_result for _day, _list, event in before):
        yield from events
        return
    yield from before
    yield EPIDEMIC_DAY, "suspended", work.assignment


def _report(work: Work, chance: random.Random, *, progress: int, is_result: bool = False) -> Report:
    files = 1 + (chance.random() < 0.2) if is_result and work.demands_evidence else 0
    return Report(
        work=work,
        progress=max(1, progress),
        is_result=is_result,
        text=chance.choice(WORK_DONE if is_result else WORK_UNDER_WAY),
        difficulties=chance.choice(DIFFICULTIES),
        value=_value(work, chance, progress) if work.indicator else None,
        files=tuple(chance.sample(range(10_000), files)),
    )


def _value(work: Work, chance: random.Random, progress: int) -> tuple[Decimal, Decimal | None]:
    low, high = PEOPLE[work.level]
    people = random.Random(f"{SEED}:people:{work.unit}").randint(low, high)
    if work.indicator and work.indicator.is_sum:
        return Decimal(round(people / 20 * progress / 100 * chance.uniform(0.8, 1.2))), None
    return Decimal(round(people * min(1.0, progress / 100 * chance.uniform(0.9, 1.02)))), Decimal(people)


def _working_day(day: date) -> date:
    """Return the day, or the Monday after it at a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
