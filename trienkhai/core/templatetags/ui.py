"""The components of the pages: one function here, one file in `templates/components/`.

A component gets values and never a request or a queryset. How each looks, and when to use which, is in
`docs/interface.md`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import accumulate, pairwise

from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import get_template
from django.utils import numberformat
from django.utils.formats import date_format, get_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

Words = str | Promise

STANDING_LABELS: dict[str, Words] = {
    "not_started": _("not started"),
    "in_progress": _("in progress"),
    "due_soon": _("due soon"),
    "overdue": _("overdue"),
    "waiting_in_time": _("waiting for review (in time)"),
    "waiting_late": _("waiting for review (late)"),
    "done_on_time": _("done on time"),
    "done_late": _("done late"),
    "suspended": _("suspended"),
}
STANDING_MEANINGS: dict[str, Words] = {
    "not_started": _("Assigned, no report yet, and the deadline is not near."),
    "in_progress": _("At least one report has been sent, and the deadline is not near."),
    "due_soon": _("Not done, and the deadline falls within the days of warning (seven, unless set otherwise)."),
    "overdue": _("Not done, and the deadline has passed. A result that was returned counts here too."),
    "waiting_in_time": _("The result was sent by the deadline; the level above has not decided yet."),
    "waiting_late": _("The result was sent after the deadline; the level above has not decided yet."),
    "done_on_time": _("The result was accepted, and it had been sent by the deadline."),
    "done_late": _("The result was accepted, but it had been sent after the deadline."),
    "suspended": _("Stopped for the time being by a decision; the days of suspension do not count."),
}
STANDING_ICONS = {
    "not_started": "circle",
    "in_progress": "circle-half",
    "due_soon": "clock-fill",
    "overdue": "exclamation-triangle-fill",
    "waiting_in_time": "hourglass-split",
    "waiting_late": "hourglass-bottom",
    "done_on_time": "check-circle-fill",
    "done_late": "check-circle",
    "suspended": "pause-circle-fill",
}
# What is done grows from the left edge and what is overdue from the right, so that bars under each
# other compare at both ends.
BAR_ORDER = (
    "done_on_time",
    "done_late",
    "waiting_in_time",
    "waiting_late",
    "in_progress",
    "not_started",
    "suspended",
    "due_soon",
    "overdue",
)
# The order in which a reader asks: what is finished, what is wrong, what is about to be, what is under way.
FIGURE_ORDER = (
    "done_on_time",
    "done_late",
    "overdue",
    "due_soon",
    "waiting_in_time",
    "waiting_late",
    "in_progress",
    "not_started",
    "suspended",
)
# Seen at one look, and still hoverable.
NARROWEST_SEGMENT = 0.8


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a stacked bar; `start` and `width` are percentages of the whole bar."""

    standing: str
    start: str
    width: str
    text: str


@register.filter
def count(value: int | None) -> str:
    """Write a whole number with the separators of the reader's language; nothing known is a dash."""
    if value is None:
        return "–"
    return numberformat.format(
        value,
        get_format("DECIMAL_SEPARATOR"),
        decimal_pos=0,
        grouping=3,
        thousand_sep=get_format("THOUSAND_SEPARATOR"),
        force_grouping=True,
    )


@register.filter
def quantity(value: Decimal | None) -> str:
    """Write a measured number as the reader does, to two decimals, without noughts at its end; unknown is a dash."""
    if value is None:
        return "–"
    number = f"{value:.2f}".rstrip("0").rstrip(".")
    return numberformat.format(
        number,
        get_format("DECIMAL_SEPARATOR"),
        grouping=3,
        thousand_sep=get_format("THOUSAND_SEPARATOR"),
        force_grouping=True,
    )


@register.filter
def share(value: float | None) -> str:
    """Write a share (0–1) as a percentage with one decimal; nothing known is a dash.

    A share that is not whole never reads as 0 % or 100 %.
    """
    if value is None:
        return "–"
    percent = value * 100
    if 0 < percent < 100:
        percent = min(max(percent, 0.1), 99.9)
    decimals = 0 if percent in (0, 100) else 1
    number = numberformat.format(f"{percent:.{decimals}f}", get_format("DECIMAL_SEPARATOR"))
    return gettext("%(number)s%%") % {"number": number}


@register.filter
def day(value: date | None) -> str:
    """Write a day in the reader's usual way; nothing known is a dash."""
    return date_format(value, pgettext("date format", "j F Y")) if value else "–"


@register.filter
def share_of(part: int, whole: int) -> float | None:
    """Return the share (0–1) of the part in the whole; None when the whole is empty."""
    return part / whole if whole else None


@register.filter
def done(standings: Mapping[str, int]) -> int:
    """Return how many are done, in time or late."""
    return standings.get("done_on_time", 0) + standings.get("done_late", 0)


@cache
def drawing(name: str) -> SafeString:
    """Return the SVG of an icon; every page shows dozens, so each file is read once.

    Raises TemplateDoesNotExist for a name that `scripts/vendor.py` did not copy.
    """
    return mark_safe(get_template(f"components/icons/{name}.svg").render())  # noqa: S308 -- a file of the tree


@register.inclusion_tag("components/icon.html")
def icon(name: str, label: Words = "") -> dict[str, object]:
    """Show an icon; without a label it is decoration, and the text beside it must say the same."""
    return {"drawing": drawing(name), "label": label}


@register.inclusion_tag("components/standing_badge.html")
def standing_badge(standing: str) -> dict[str, object]:
    """Show one standing as shape and words."""
    return {
        "standing": standing,
        "label": STANDING_LABELS[standing],
        "drawing": drawing(STANDING_ICONS[standing]),
    }


@register.inclusion_tag("components/standing_bar.html")
def standing_bar(standings: Mapping[str, int], total: int, size: str = "") -> dict[str, object]:
    """Show how a total divides into standings, as one stacked bar with a text alternative.

    `standings` counts by name and adds up to `total`; `size` is "" or "large".
    """
    pieces = segments(standings, total)
    return {"segments": pieces, "words": "; ".join(piece.text for piece in pieces), "size": size}


def segments(standings: Mapping[str, int], total: int) -> list[Segment]:
    """Return the pieces of a bar from left to right; those that count nothing are left out.

    Widths are true to a tenth of a percent, but no piece is thinner than `NARROWEST_SEGMENT`; the widest
    one gives what that takes.
    """
    present = [(name, standings[name]) for name in BAR_ORDER if standings.get(name)]
    if not present or not total:
        return []
    widths = [max(number / total * 100, NARROWEST_SEGMENT) for _name, number in present]
    widest = widths.index(max(widths))
    widths[widest] -= sum(widths) - 100
    edges = accumulate(widths, initial=0.0)
    words = gettext("%(label)s: %(number)s (%(share)s)")
    return [
        Segment(
            name,
            f"{start:.1f}%",
            f"{end - start:.1f}%",
            words
            % {"label": capfirst(str(STANDING_LABELS[name])), "number": count(number), "share": share(number / total)},
        )
        for (name, number), (start, end) in zip(present, pairwise(edges), strict=True)
    ]


@register.inclusion_tag("components/standing_figures.html")
def standing_figures(standings: Mapping[str, int], total: int, links: Mapping[str, str]) -> dict[str, object]:
    """Show all nine standings as figures, each opening the rows behind it where `links` has an address for it."""
    return {
        "total": total,
        "figures": [
            (name, STANDING_LABELS[name], standings.get(name, 0), links.get(name, "")) for name in FIGURE_ORDER
        ],
    }


@register.inclusion_tag("components/standing_legend.html")
def standing_legend() -> dict[str, object]:
    """Explain every standing in one sentence each, behind a line that opens."""
    return {
        "standings": [
            (name, label, STANDING_MEANINGS[name], drawing(STANDING_ICONS[name]))
            for name, label in STANDING_LABELS.items()
        ]
    }


@register.inclusion_tag("components/figure.html")
def figure(label: Words, value: int | None, of: int | None = None, href: str = "", tone: str = "") -> dict[str, object]:
    """Show one number with its name; with `of`, also its share; with `href`, opening the rows behind it.

    `tone` is a standing, whose shape and colour the number then takes, or "".
    """
    return {
        "label": label,
        "value": value,
        "share": share(value / of) if of and value is not None else "",
        "href": href,
        "tone": tone,
        "drawing": drawing(STANDING_ICONS[tone]) if tone else "",
    }


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(items: Sequence[tuple[Words, str]]) -> dict[str, object]:
    """Show the way from the top to here: (name, href) pairs, the present page last."""
    return {"above": items[:-1], "here": items[-1] if items else None}


@register.inclusion_tag("components/pager.html")
def pager(before: str = "", after: str = "", note: Words = "", first: str = "") -> dict[str, object]:
    """Show links to the page before, the one after and the first; cursors have no numbers. "" where there is none."""
    return {"before": before, "after": after, "note": note, "first": first}


@register.inclusion_tag("components/date_picker.html")
def date_picker(
    label: Words,
    value: date,
    *,
    name: str = "on",
    earliest: date | None = None,
    latest: date | None = None,
    kept: Iterable[tuple[str, str]] = (),
) -> dict[str, object]:
    """Show a plain GET form with one date; `kept` are the other parameters of the page's address."""
    return {
        "label": label,
        "value": value,
        "name": name,
        "earliest": earliest,
        "latest": latest,
        "kept": kept,
    }


@register.inclusion_tag("components/programme_menu.html")
def programme_menu(current: object, choices: Sequence[Mapping[str, object]], href: str = "") -> dict[str, object]:
    """Say which programme is read and offer the others; where there is one, nothing is asked.

    `current` has `number` and `title`; `href` is the page of the programme, or "".
    """
    return {"current": current, "choices": choices, "href": href}


@register.inclusion_tag("components/due_date.html")
def due_date(due: date | None, today: date | None = None, first: date | None = None) -> dict[str, object]:
    """Show a due date; with `today` also how far away it is; with `first`, the date before it was moved."""
    days = (due - today).days if due and today else None
    return {"due": due, "first": first, "days": days, "late": -days if days is not None else None}


@register.inclusion_tag("components/share_cell.html")
def share_cell(standings: Mapping[str, int], total: int, worst: str, href: str) -> dict[str, object]:
    """Show in the cell of a matrix the share done, how many of how many, and how many have the worst standing.

    A cell of one row says its standing. The page shows `standing_shapes` above the matrix.
    """
    finished = done(standings)
    return {
        "share": finished / total,
        "done": finished,
        "total": total,
        "worst": worst,
        "label": STANDING_LABELS[worst],
        "number": standings[worst],
        "href": href,
    }


@register.inclusion_tag("components/standing_shapes.html")
def standing_shapes(shown: Iterable[str]) -> dict[str, object]:
    """Draw the shapes that the cells of a matrix take theirs from, and say what those that occur mean."""
    return {
        "shapes": [(standing, drawing(name)) for standing, name in STANDING_ICONS.items()],
        "shown": [(standing, STANDING_LABELS[standing]) for standing in shown],
    }


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: Words, advice: Words = "", action: Words = "", href: str = "") -> dict[str, object]:
    """Say that there is nothing to show, why that may be, and what to do next."""
    return {"title": title, "advice": advice, "action": action, "href": href, "drawing": drawing("inbox")}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, object]:
    """List what stops the form from being accepted, each error a link to its field."""
    return {
        "general": form.non_field_errors(),
        "fields": [(form[name], errors) for name, errors in form.errors.items() if name in form.fields],
        "drawing": drawing("x-circle-fill"),
    }


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, object]:
    """Show a form's field: label, help, errors, input, in that order."""
    kind = getattr(bound.field.widget, "input_type", "")
    is_group = bound.use_fieldset
    is_check = kind == "checkbox" and not is_group
    single = {"checkbox": "form-check-input", "select": "form-select"}
    style = "" if is_group else single.get(kind, "form-control")
    invalid = " is-invalid" if bound.errors and style else ""
    return {
        "bound": bound,
        "widget": bound.as_widget(attrs={"class": style + invalid} if style else {}),
        "is_group": is_group,
        "is_check": is_check,
        "drawing": drawing("x-circle-fill"),
    }
