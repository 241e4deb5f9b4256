"""The six clears of tasks in words: what each task orders, and what it lacks before it can be issued."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trienkhai.progress.views.assignments import addressed, names_of
from trienkhai.tasks.models import Programme, Role, Task
from trienkhai.tasks.rules import TaskPreview

CLEARS: dict[str, str | Promise] = {
    "who": pgettext_lazy("six clears", "Who"),
    "what": pgettext_lazy("six clears", "What"),
    "when": pgettext_lazy("six clears", "When"),
    "responsibility": pgettext_lazy("six clears", "Responsibility"),
    "authority": pgettext_lazy("six clears", "Authority"),
    "product": pgettext_lazy("six clears", "Product"),
}
"""The names of the six clears, in their order."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps a task from being issued: the clear that it concerns, what is wrong, and how to mend it."""

    clear: str
    words: str | Promise
    advice: str | Promise

    @property
    def name(self) -> str | Promise:
        """Return the name of the clear."""
        return CLEARS[self.clear]


LACKS = {
    "who": Lack(
        "who",
        _("the lead is missing"),
        _("Name it in the column “Chủ trì”: a level such as “cấp xã”, or the name or code of a unit."),
    ),
    "what": Lack("what", _("the title is missing"), _("Say in the column “Nhiệm vụ” what is to be done.")),
    "when": Lack(
        "when",
        _("the deadline is missing"),
        _("Write a day in the column “Thời hạn”, or the words “không hạn” if it truly has none."),
    ),
    "authority": Lack(
        "authority",
        _("the authority is missing"),
        _("Name in the column “Căn cứ” the resolution or decision that orders it."),
    ),
    "product": Lack(
        "product",
        _("the product, or the test by which it is accepted, is missing"),
        _("Fill in both columns: “Sản phẩm”, what is delivered, and “Tiêu chí nghiệm thu”, when it counts as right."),
    ),
}
"""What a task may lack, by the names that `tasks.rules.missing_clears` yields."""

REACHES_NOBODY = Lack(
    "who",
    _("reaches nobody"),
    _("No unit under the issuer fits the columns “Chủ trì” and “Phối hợp” today. Check levels, names and codes."),
)
IS_PAST = Lack("when", _("due before the issue"), _("Set a later day in the column “Thời hạn”."))


def lacks_of(task: TaskPreview) -> Iterator[Lack]:
    """Yield what keeps the task from being issued, nothing if it is ready."""
    for clear in task.missing_clears:
        yield LACKS[clear]
    if not sum(task.units.values()) and "who" not in task.missing_clears:
        yield REACHES_NOBODY
    if task.is_due_before_issue:
        yield IS_PAST


def tasks_with_clears(programme: Programme, *, on: date) -> Iterator[tuple[Task, dict[str, Any]]]:
    """Yield the tasks by number, each with its six clears as `progress/clears.html` shows them. Four queries."""
    tasks = list(programme.tasks.order_by("number").prefetch_related("addressees__level", "indicators"))
    terms = [term for task in tasks for term in task.addressees.all()]
    units = {unit for term in terms for unit in (term.unit_id, term.under_id)} | {task.monitor_id for task in tasks}
    names = names_of(units, on=on)
    for task in tasks:
        by_role = {role: [term for term in task.addressees.all() if term.role == role] for role in Role}
        yield (
            task,
            {
                "task": task,
                "leading": list(addressed(by_role[Role.LEAD], names)),
                "coordinating": list(addressed(by_role[Role.COORDINATING], names)),
                "monitor": names[task.monitor_id] if task.monitor_id else "",
                "indicators": task.indicators.all(),
            },
        )
