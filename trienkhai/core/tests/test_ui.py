"""The components: what they say, to whom, and what none of them may do."""

import importlib.util
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from trienkhai.core.templatetags import ui

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "trienkhai/core/static"
TEMPLATES = sorted(ROOT.glob("trienkhai/*/templates/**/*.html"))


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def rendered(source: str, **values: object) -> str:
    return Template("{% load ui %}" + source).render(Context(values))


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# What is vendored, and what a page may hold


def test_vendored_files_are_those_of_the_record():
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts/vendor.py", "--check"], capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stdout.strip()) == (0, "every vendored file is as recorded")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_no_template_needs_what_the_security_policy_forbids(template):
    text = template.read_text()

    forbidden = re.findall(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|hx-on|javascript:|https?://", text)

    assert forbidden == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_template_begins_by_saying_what_it_is(template):
    assert re.match(r"\{# [A-Z].*#\}\n", template.read_text())


# Words and numbers


def test_every_list_of_standings_holds_the_same_nine():
    lists = [ui.STANDING_LABELS, ui.STANDING_MEANINGS, ui.STANDING_ICONS, ui.BAR_ORDER, ui.FIGURE_ORDER]

    assert [(len(names), set(names)) for names in lists] == [(9, set(ui.STANDING_LABELS))] * 5


@pytest.mark.parametrize(("language", "number", "percent"), [("vi", "106.206", "49,1%"), ("en", "106,206", "49.1%")])
def test_numbers_are_written_as_the_reader_writes_them(language, number, percent):
    with translation.override(language):
        written = (ui.count(106206), ui.share(0.4912))

    assert written == (number, percent)


@pytest.mark.parametrize(
    ("value", "written"), [(None, "–"), (0, "0%"), (0.00001, "0.1%"), (0.99999, "99.9%"), (1, "100%")]
)
def test_a_share_that_is_not_whole_never_reads_as_none_or_all(value, written):
    assert ui.share(value) == written


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [("vi", "1234.5000", "1.234,5"), ("en", "1234.5", "1,234.5"), ("vi", "100", "100"), ("vi", "0.125", "0,12")],
)
def test_a_measured_number_is_written_as_the_reader_does(language, value, written):
    with translation.override(language):
        assert ui.quantity(Decimal(value)) == written


def test_a_measured_number_that_is_unknown_is_a_dash():
    assert ui.quantity(None) == "–"


def test_a_share_of_nothing_is_unknown():
    assert ui.share_of(0, 0) is None


# The bar


def test_the_pieces_of_a_bar_fill_it_and_the_smallest_is_still_seen():
    pieces = ui.segments({"done_on_time": 99_000, "in_progress": 6_000, "overdue": 3}, 105_003)

    widths = {piece.standing: float(piece.width.rstrip("%")) for piece in pieces}
    assert list(widths) == ["done_on_time", "in_progress", "overdue"]
    assert sum(widths.values()) == pytest.approx(100, abs=0.2)
    assert widths["overdue"] == ui.NARROWEST_SEGMENT


def test_a_bar_says_in_words_what_it_shows():
    html = rendered("{% standing_bar standings 4 %}", standings={"done_late": 3, "overdue": 1, "suspended": 0})

    assert 'aria-label="Done late: 3 (75.0%); Overdue: 1 (25.0%)"' in html


def test_a_bar_of_nothing_says_so():
    html = rendered("{% standing_bar standings 0 %}", standings={})

    assert 'aria-label="Nothing is assigned here"' in html


def test_a_badge_has_a_shape_beside_its_words():
    html = rendered("{% standing_badge 'waiting_late' %}")

    assert "<svg" in html
    assert "Waiting for review (late)" in html


# Figures, ways, dates


@pytest.mark.parametrize(("href", "element"), [("/list/?a=1&b=2", '<a href="/list/?a=1&amp;b=2"'), ("", "<div")])
def test_a_figure_opens_what_it_counts_where_that_can_be_opened(href, element):
    html = rendered("{% figure 'overdue' 12 of=48 href=href tone='overdue' %}", href=href)

    assert f'{element} class="figure figure-overdue"' in html
    assert re.findall(r'figure-(?:value|share)">([^<]*)<', html) == ["12", "25.0%"]


def test_breadcrumbs_link_what_is_above_and_name_what_is_here():
    html = rendered("{% breadcrumbs items %}", items=[("Trung ương", "/"), ("Thành phố Hà Nội", "/units/1/")])

    assert re.findall(r'href="([^"]*)">([^<]*)<', html) == [("/", "Trung ương")]
    assert '<li aria-current="page">Thành phố Hà Nội</li>' in html


def test_choosing_a_day_keeps_the_rest_of_the_address():
    html = rendered(
        "{% date_picker 'As of' on latest=on kept=kept %}", on=date(2021, 9, 15), kept=[("name", "<Hà Nội>")]
    )

    assert '<input type="hidden" name="name" value="&lt;Hà Nội&gt;">' in html
    assert 'name="on" value="2021-09-15" max="2021-09-15"' in html


@pytest.mark.parametrize(
    ("before", "after", "links"), [("", "", []), ("", "?c=2", ["next"]), ("?c=1", "?c=3", ["prev", "next"])]
)
def test_a_pager_shows_only_the_pages_that_are_there(before, after, links):
    html = rendered("{% pager before after %}", before=before, after=after)

    assert re.findall(r'rel="(\w+)"', html) == links


def test_a_pager_leads_back_to_the_beginning():
    html = rendered("{% pager after=after first=first %}", after="?after=3", first="?task=1")

    assert re.findall(r'href="([^"]*)"', html) == ["?task=1", "?after=3"]


CHOICES = [
    {"number": number, "title": "Năm 2021", "href": f"?programme={number}", "is_current": number == 1}
    for number in (1, 2)
]


@pytest.mark.parametrize(("number", "links"), [(0, []), (1, ["/programmes/1/"]), (2, ["?programme=1", "?programme=2"])])
def test_a_programme_is_asked_for_only_where_there_are_several(number, links):
    html = rendered(
        "{% programme_menu current choices '/programmes/1/' %}", current=CHOICES[0], choices=CHOICES[:number]
    )

    assert re.findall(r'href="([^"]*)"', html) == links


@pytest.mark.parametrize(
    ("due", "words"),
    [(13, "2 days overdue"), (14, "1 day overdue"), (15, "due today"), (16, "1 day left"), (18, "3 days left")],
)
def test_a_due_date_says_how_far_away_it_is(due, words):
    html = rendered("{% due_date due today %}", due=date(2021, 9, due), today=date(2021, 9, 15))

    assert f"{due} September 2021" in html
    assert words in html
    assert ("is-overdue" in html) == ("overdue" in words)


def test_a_due_date_that_was_moved_shows_the_first_one():
    html = rendered("{% due_date due first=first %}", due=date(2021, 9, 15), first=date(2021, 6, 30))

    assert "15 September 2021" in html
    assert "first 30 June 2021" in html
    assert "left" not in html
    assert rendered("{% due_date due %}", due=None).strip() == "no deadline"


def test_a_cell_of_a_matrix_says_share_number_and_worst_standing():
    html = rendered("{% share_cell standings 4 'overdue' '/list/' %}", standings={"done_late": 1, "overdue": 3})

    assert 'href="/list/"' in html
    assert "25.0%" in html
    assert "1/<wbr>4" in html
    assert '<span class="visually-hidden">overdue: </span>3' in html


def test_a_cell_of_one_assignment_says_its_standing_in_words():
    html = rendered("{% share_cell standings 1 'done_late' '/list/' %}", standings={"done_late": 1})

    assert "</svg>Done late" in html
    assert "%" not in html


def test_the_shapes_of_a_matrix_are_all_drawn_and_those_that_occur_are_said():
    html = rendered("{% standing_shapes shown %}", shown=["overdue"])

    assert set(re.findall(r'id="shape-(\w+)"', html)) == set(ui.STANDING_LABELS)
    assert re.findall(r"</svg>([^<]+)</li>", html) == ["Overdue"]


# Forms


class Wish(forms.Form):
    reason = forms.CharField(help_text="In one sentence.")
    role = forms.ChoiceField(choices=[("lead", "Lead")], widget=forms.RadioSelect)
    level = forms.ChoiceField(choices=[("commune", "Commune")])
    is_sure = forms.BooleanField(required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_wrong_field_names_its_help_and_its_error_to_those_who_hear_it():
    html = rendered("{% field field %}", field=Wish({})["reason"])

    assert 'aria-describedby="id_reason_helptext id_reason_error"' in html
    assert {"id_reason_helptext", "id_reason_error"} <= set(re.findall(r'id="(\w+)"', html))
    assert 'aria-invalid="true"' in html


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("reason", 'class="form-control"'),
        ("level", 'class="form-select"'),
        ("is_sure", 'class="form-check-input"'),
        ("role", "<fieldset"),
        ("token", '<input type="hidden"'),
    ],
)
def test_each_kind_of_field_is_drawn_in_its_way(name, style):
    html = rendered("{% field field %}", field=Wish()[name])

    assert style in html


def test_the_summary_of_errors_leads_to_each_wrong_field():
    form = Wish({"role": "lead", "level": "commune"})
    form.add_error(None, "The day is closed.")

    html = rendered("{% error_summary form %}", form=form)

    assert "<li>The day is closed.</li>" in html
    assert re.findall(r'href="#(\w+)">([^<]*)<', html) == [("id_reason", "Reason: This field is required.")]


def test_a_form_without_errors_has_no_summary():
    assert rendered("{% error_summary form %}", form=Wish()).strip() == ""


# Whole pages


@pytest.mark.parametrize("day", [date(2021, 9, 15), None])
def test_a_demonstration_says_on_every_page_which_day_it_stands_on(settings, day):
    settings.DEMONSTRATION_DAY = day

    html = render_to_string("404.html", {}, RequestFactory().get("/x"))

    said = "15 September 2021" in html and "simulated" in html
    assert said is (day is not None)


def test_the_language_is_changed_by_post_and_leads_back():
    html = render_to_string("404.html", {}, RequestFactory().get("/units/?on=2021-04-01"))

    assert '<form class="language-switch" method="post" action="/language/"' in html
    assert '<input type="hidden" name="next" value="/units/?on=2021-04-01">' in html


@pytest.mark.parametrize("template", ["500.html", "503.html"])
def test_a_page_of_failure_needs_neither_request_nor_routes(template):
    html = render_to_string(template)

    assert re.search(r"<h1>\w.+</h1>", html)


# Colours: WCAG 2.2 AA wants 4.5 for words and 3 for shapes

WORDS = [
    (ink, ground)
    for ink, grounds in {
        "ink": ("paper", "surface", "raised", "accent-tint", "bad-tint"),
        "ink-soft": ("paper", "surface", "raised"),
        "accent": ("paper", "surface", "raised", "accent-tint"),
        "accent-ink": ("accent",),
        "bad": ("paper", "surface", "raised", "bad-tint"),
        "warn": ("surface", "warn-tint"),
        "good": ("surface",),
    }.items()
    for ground in grounds
]
SHAPES = [
    (name, "surface")
    for name in (
        *("done-on-time", "done-late", "waiting-in-time", "waiting-late", "in-progress", "not-started-shape"),
        *("suspended", "due-soon", "overdue", "line-strong"),
    )
]


def colours(theme: str) -> dict[str, str]:
    names = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (STATIC / "theme.css").read_text()))
    if theme == "dark":
        names |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", (STATIC / "dark.css").read_text()))
    return names


def brightness(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "ground", "least"), [(*pair, 4.5) for pair in WORDS] + [(*pair, 3.0) for pair in SHAPES]
)
def test_colours_can_be_told_apart(theme, front, ground, least):
    names = colours(theme)

    dark, bright = sorted((brightness(names[front]), brightness(names[ground])))

    assert (bright + 0.05) / (dark + 0.05) >= least


# The tool that keeps the translations


def test_messages_of_a_template_are_found_with_context_plural_and_trimming(tmp_path, monkeypatch):
    messages = script("messages")
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "SOURCE", tmp_path)
    (tmp_path / "page.html").write_text(
        '{% load i18n %}\n  <p title="{% translate "Open" context "verb" %}">\n'
        "    {% blocktranslate trimmed count n=n %}\n      {{ n }} task\n    {% plural %}\n      {{ n }} tasks\n"
        '    {% endblocktranslate %}</p>\n{{ _("Close")|upper }}\n'
    )

    found = {(message.id, message.context) for message in messages.extracted() if message.id}

    assert found == {("Open", "verb"), (("%(n)s task", "%(n)s tasks"), None), ("Close", None)}


@pytest.mark.parametrize(
    ("translated", "faults"),
    [
        ("%(number)s việc", []),
        ("", ["not translated"]),
        ("nhiều việc", ["its placeholders are [], the message's ['number']"]),
        ("%(count)s việc", ["its placeholders are ['count'], the message's ['number']"]),
    ],
)
def test_a_translation_fills_in_exactly_what_the_message_does(translated, faults):
    messages = script("messages")

    found = list(messages.faults_of(messages.Message("%(number)s tasks", translated)))

    assert found == faults


def test_extracting_again_keeps_translations_and_sets_aside_what_is_gone(tmp_path, monkeypatch):
    messages = script("messages")
    catalogue = tmp_path / "vi.po"
    for name, value in {"ROOT": tmp_path, "SOURCE": tmp_path, "CATALOGUES": {"vi": catalogue}}.items():
        monkeypatch.setattr(messages, name, value)
    (tmp_path / "words.py").write_text('_("kept")\n_("new")\n')
    catalogue.write_text('msgid "kept"\nmsgstr "giữ"\n\nmsgid "gone"\nmsgstr "bỏ"\n')

    messages.update()

    assert messages.read("vi")["kept"].string == "giữ"
    assert messages.check() == ["vi: 'gone': obsolete; delete it", "vi: 'new': not translated"]
