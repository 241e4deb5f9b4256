"""What the indicators of a programme add up to, and in how many of the units that must report one."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.queries import IndicatorSum, sum_indicators
from trienkhai.progress.rules import measured
from trienkhai.progress.views.place import Place, place_of
from trienkhai.tasks.models import Indicator, Programme


@require_safe
def indicator_list(request: ScopedRequest, unit_id: int) -> HttpResponse:
    """Show the indicators of a programme under a unit, and each of them in every unit directly below."""
    place = place_of(request, unit_id)
    context = place.frame() | {
        "breadcrumbs": [(row.short_name, place.indicators_href(row.unit_id)) for row in [*place.above, place.unit]],
        "unit_href": place.unit_href(unit_id),
        "kept": place.programme_kept,
        "indicators": list(_indicators(place, place.programme)) if place.programme else [],
    }
    return render(request, "progress/indicator_list.html", context)


def _indicators(place: Place, programme: Programme) -> Iterator[dict[str, Any]]:
    """Yield the indicators that are reported under the unit, by task, each with its rule and its children."""
    sums: dict[int, dict[int, IndicatorSum]] = {}
    for row in sum_indicators(place.unit.unit_id, programme=programme, on=place.on):
        sums.setdefault(row.indicator_id, {})[row.unit_id] = row
    children = list(UnitVersion.objects.on(place.on).children_of(place.unit.unit_id).in_name_order())
    found = Indicator.objects.filter(pk__in=sums).select_related("task").order_by("task__number", "pk")
    for indicator in found:
        by_unit = sums[indicator.pk]
        yield _cell(indicator, by_unit[place.unit.unit_id]) | {
            "indicator": indicator,
            "rule": _rule(indicator),
            "missing_href": place.list_href(place.unit.unit_id, task=indicator.task.number),
            "units": [
                _cell(indicator, by_unit[child.unit_id])
                | {"name": child.short_name, "href": place.indicators_href(child.unit_id)}
                for child in children
                if child.unit_id in by_unit
            ],
        }


def _cell(indicator: Indicator, row: IndicatorSum) -> dict[str, Any]:
    arrived = row.numerator
    return {
        "value": None if arrived is None else measured(arrived, row.denominator, measure=indicator.measure),
        "numerator": row.numerator,
        "denominator": row.denominator,
        "arrived": row.arrived,
        "expected": row.expected,
        "is_whole": row.is_whole,
    }


def _rule(indicator: Indicator) -> str:
    """Return how the values add up, in words."""
    over_units = {
        "sum": _("Sum of the units"),
        "weighted_mean": _("Mean weighted by a count: the sum of the parts over the sum of the wholes"),
        "ratio": _("Ratio of sums: the sum of the parts over the sum of the wholes"),
    }[indicator.over_units]
    over_time = {
        "flow": _("the periods of each unit are added up"),
        "stock": _("of each unit the last period counts"),
    }[indicator.over_time]
    return f"{over_units}; {over_time}."
