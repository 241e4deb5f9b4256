"""What the reading pages share: which unit, day and programme they read, and the addresses that keep these."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from trienkhai.core import clock
from trienkhai.core.requests import as_of, whole_number, with_query
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.queries import programmes_of
from trienkhai.tasks.models import Programme

Parameters = list[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Place:
    """A unit that the reader may see, a day, and one of the programmes that reach the unit then, if any does.

    `above` are the superiors that the reader may see, the highest first. An address keeps the day unless it is
    today, and the programme unless it is the one shown without asking.
    """

    unit: UnitVersion
    above: list[UnitVersion]
    on: date
    today: date
    programmes: list[Programme]
    programme: Programme | None

    @property
    def day_kept(self) -> Parameters:
        """Return the day as addresses carry it."""
        return [] if self.on == self.today else [("on", self.on.isoformat())]

    @property
    def programme_kept(self) -> Parameters:
        """Return the programme as addresses of units carry it."""
        usual = chosen_programme(self.programmes, number=None)
        return [("programme", self.programme.number)] if self.programme and self.programme != usual else []

    @property
    def is_live(self) -> bool:
        """Say whether figures may still change while somebody looks at them."""
        return self.on == self.today and self.programme is not None and self.programme.closed_on is None

    def unit_href(self, unit_id: int, *more: tuple[str, object]) -> str:
        """Return the address of a unit's page."""
        return with_query(reverse("unit_detail", args=[unit_id]), [*self.programme_kept, *self.day_kept, *more])

    def list_href(self, unit_id: int, **filters: object) -> str:
        """Return the address of the assignments under a unit."""
        number = self.programme.number if self.programme else None
        parameters = [("programme", number), *self.day_kept, *filters.items()]
        return with_query(reverse("assignment_list", args=[unit_id]), parameters)

    def matrix_href(self, unit_id: int, *more: tuple[str, object]) -> str:
        """Return the address of the programme's page, opened at a unit; "" without a programme."""
        if self.programme is None:
            return ""
        path = reverse("programme_detail", args=[self.programme.number])
        return with_query(path, [("unit", unit_id), *self.day_kept, *more])

    def indicators_href(self, unit_id: int) -> str:
        """Return the address of the indicators under a unit."""
        return with_query(reverse("indicator_list", args=[unit_id]), [*self.programme_kept, *self.day_kept])

    def frame(self) -> dict[str, Any]:
        """Return what every page says of the unit, the day and the programme, before any figure."""
        return {
            "unit": {"code": self.unit.code, "name": self.unit.name, "level_name": str(self.unit.level)},
            "on": self.on,
            "today": self.today,
            "begins_on": self.unit.valid.lower if self.on < self.unit.valid.lower else None,
            "ended_on": self.unit.valid.upper if self.unit.valid.upper and self.on >= self.unit.valid.upper else None,
            "programme": self.programme,
        }


def place_of(request: ScopedRequest, unit_id: int, *, programme: Programme | None = None) -> Place:
    """Read the place from the address of a page, whose path may name the programme.

    Raises Http404 for a unit that the reader may not see. Three queries: the unit, its superiors, its programmes.
    """
    on = as_of(request)
    visible = UnitVersion.objects.within(request.scope, READ).select_related("level")
    unit = get_object_or_404(visible.nearest(unit_id, on=on))
    programmes = list(programmes_of(unit_id, on=on))
    return Place(
        unit=unit,
        above=[version for version in visible.above(unit_id, on=on) if version.unit_id != unit_id],
        on=on,
        today=clock.today(),
        programmes=programmes,
        programme=programme or chosen_programme(programmes, number=whole_number(request.GET.get("programme"))),
    )


def chosen_programme(programmes: Iterable[Programme], *, number: int | None) -> Programme | None:
    """Return the programme of that number, else the first that is not closed, else the first."""
    by_number = {programme.number: programme for programme in programmes}
    still_open = (programme for programme in by_number.values() if programme.closed_on is None)
    return by_number.get(number or 0) or next(still_open, next(iter(by_number.values()), None))
