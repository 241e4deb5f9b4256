"""What people fill in on the pages of assignments and programmes."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField
from django.utils.formats import get_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from trienkhai.core.errors import BadInput, Problem
from trienkhai.core.files import EXTENSIONS
from trienkhai.core.tables import read_tables
from trienkhai.progress.rules import ValueLine, plain_number
from trienkhai.tasks.models import Assignment, Indicator, OverUnits, Task
from trienkhai.tasks.readers import TaskRow, read_annex, unread_headings
from trienkhai.tasks.rules import Addressee

VERSION_LIMIT = 2**31 - 1

ANNEX_LIMIT = 10 * 1024**2
"""How large an annex may be, in bytes."""

KEPT_LIMIT = 512 * 1024
"""How large an annex a form carries, in bytes: most have some dozens of KiB."""

# Media types of pictures let a phone offer its camera, and let it send JPEG where it keeps pictures otherwise.
ACCEPTED = ",".join(["image/jpeg", "image/png", "image/webp", *(f".{extension}" for extension in EXTENSIONS)])


class NumberField(forms.DecimalField):
    """A number as the reader writes it: 1.234,5 in Vietnamese, 1,234.5 in English."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=18, decimal_places=4, **options)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Return the number, or None for an empty text."""
        text = value.strip() if isinstance(value, str) else value
        if text in self.empty_values:
            return None
        return super().to_python(plain_number(text, point=get_format("DECIMAL_SEPARATOR")))

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Let a phone show digits and the decimal sign."""
        return super().widget_attrs(widget) | {"inputmode": "decimal", "autocomplete": "off"}


class FilesInput(forms.FileInput):
    """Several files from one input."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; what is in them is judged where they are stored."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return the files as they came."""
        return list(data or initial or ())


class ReportForm(forms.Form):
    """What a unit says of its assignment; `version` is the one that it saw, `client_key` that of this form."""

    version = forms.IntegerField(min_value=1, max_value=VERSION_LIMIT, widget=forms.HiddenInput)
    client_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    progress = forms.IntegerField(
        label=_("Progress in per cent"),
        min_value=0,
        max_value=100,
        help_text=_("From 0 to 100, as you judge it today."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    is_result = forms.BooleanField(
        label=_("The work is done: send it for review"),
        required=False,
        help_text=_("Progress is then noted as 100%, and nothing more can be reported until it is reviewed."),
    )
    text = forms.CharField(
        label=_("What was done"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For example: number and date of the document issued, meetings held, who did it."),
    )
    difficulties = forms.CharField(
        label=_("Difficulties"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What holds the work up, and whose help is needed."),
    )
    evidence = FilesField(
        label=_("Evidence"),
        required=False,
        widget=FilesInput(attrs={"accept": ACCEPTED}),
        help_text=_("Photos, PDF, Word, Excel, PowerPoint or text; several at once, up to 10 files of 25 MB each."),
    )

    def __init__(self, *arguments: Any, task: Task, problems: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._indicators, self._problems = list(task.indicators.all()), problems
        if task.demands_evidence:
            self.fields["evidence"].help_text = _(
                "A result needs it, a report of progress does not. Photos, PDF, Word, Excel, PowerPoint or text; "
                "several at once, up to 10 files of 25 MB each."
            )
        for indicator in self._indicators:
            if indicator.over_units == OverUnits.SUM:
                self.fields[f"value_{indicator.pk}"] = NumberField(label=measured_name(indicator), required=False)
            else:
                self.fields[f"value_{indicator.pk}"] = NumberField(label=_("How many of them"), required=False)
                self.fields[f"base_{indicator.pk}"] = NumberField(label=_("Out of how many"), required=False)

    @classmethod
    def blank(cls, assignment: Assignment) -> "ReportForm":
        """Return a form that is not filled in yet, with a key of its own."""
        known = {"version": assignment.version, "client_key": uuid4().hex, "progress": assignment.progress}
        return cls(task=assignment.task, initial=known)

    def see(self, version: int) -> None:
        """Let the form, as it comes back to its writer, answer to another version of the assignment."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data[self.add_prefix("version")] = str(version)  # type: ignore[index]

    def value_fields(self) -> Iterator[tuple[Indicator, list[BoundField]]]:
        """Yield each indicator with its fields: one of a sum, numerator and denominator of a mean or a ratio."""
        for indicator in self._indicators:
            names = [f"{part}_{indicator.pk}" for part in ("value", "base")]
            yield indicator, [self[name] for name in names if name in self.fields]

    def values(self) -> list[ValueLine]:
        """Return the values that were filled in."""
        filled = ((row.pk, self.cleaned_data[f"value_{row.pk}"]) for row in self._indicators)
        return [
            ValueLine(indicator, number, self.cleaned_data.get(f"base_{indicator}"))
            for indicator, number in filled
            if number is not None
        ]

    def clean(self) -> dict[str, Any] | None:
        """Tell of files that were refused; ask for both parts of a mean or a ratio, or for none."""
        cleaned = super().clean()
        for problem in self._problems:
            self.add_error("evidence", problem)
        for _indicator, bound in self.value_fields():
            if len(bound) == 2 and not any(field.name in self.errors for field in bound):
                number, base = (self.cleaned_data[field.name] for field in bound)
                if (number is None) != (base is None):
                    missing = bound[0] if number is None else bound[1]
                    self.add_error(missing.name, gettext("Fill in both numbers, or neither."))
                elif base == 0:
                    self.add_error(bound[1].name, gettext("This number cannot be 0."))
        return cleaned

    def refuse(self, error: BadInput) -> None:
        """Show beside its field why the report was not taken."""
        places = {"evidence_missing": "evidence", "evidence_unknown": "evidence", "progress_out_of_range": "progress"}
        add_problems(self, error, places=places)


class ReturnForm(forms.Form):
    """Why a report is returned and, for a result, until when the work is now due."""

    reason = forms.CharField(
        label=_("Why it is returned"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Say what is missing or wrong and what to send; the unit reads exactly this."),
    )
    new_due = forms.DateField(
        label=_("New due date"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Leave it empty, and the present due date stays."),
    )

    def __init__(self, *arguments: Any, is_result: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not is_result:
            del self.fields["new_due"]

    def refuse(self, error: BadInput) -> None:
        """Show beside its field why the decision was not taken."""
        places = {"reason_missing": "reason", "new_due_out_of_range": "new_due"}
        add_problems(self, error, places=places)


class DerivedTaskForm(forms.ModelForm):
    """A task that makes an assignment concrete for units below, and who gets it."""

    levels = forms.TypedMultipleChoiceField(
        label=_("All units of these levels"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    units = forms.TypedMultipleChoiceField(
        label=_("Or only these units"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Task
        fields = (
            "title",
            "due",
            "product",
            "acceptance_test",
            "authority",
            "demands_evidence",
            "reporting_period",
        )
        labels = {"demands_evidence": _("A result needs evidence"), "title": _("What is to be done")}
        help_texts = {
            "title": _("In your own words: what exactly the units below do, so that the work above is done."),
            "product": _("What each unit delivers."),
            "acceptance_test": _("How one sees that it is right: number and date, figures, signatures."),
            "authority": _("The decision or task that it follows from."),
        }
        widgets = {
            "title": forms.Textarea(attrs={"rows": 3}),
            "due": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "acceptance_test": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(
        self,
        *arguments: Any,
        levels: Sequence[tuple[int, str]],
        units: Sequence[tuple[int, str]],
        is_due_needed: bool,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.fields["levels"].choices = levels  # type: ignore[attr-defined]
        self.fields["units"].choices = units  # type: ignore[attr-defined]
        self.fields["levels"].required = "units" not in self.data
        self.fields["due"].required = is_due_needed

    def addressees(self) -> list[Addressee]:
        """Return who gets the task."""
        levels = [Addressee(level=rank) for rank in self.cleaned_data["levels"]]
        return levels + [Addressee(unit=unit_id) for unit_id in self.cleaned_data["units"]]

    def refuse(self, error: BadInput) -> None:
        """Show beside its field why the task was not issued."""
        places = {"who": "levels", "what": "title", "when": "due", "due": "due", "product": "product"}
        add_problems(self, error, places=places | {"authority": "authority"})


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex of assignments as it was uploaded: the name of its file, and what is in it."""

    name: str
    content: bytes

    @property
    def is_kept(self) -> bool:
        """Say whether it is small enough for the form to carry it, so that nobody chooses it twice."""
        return len(self.content) <= KEPT_LIMIT

    @property
    def encoded(self) -> str:
        """Return what a hidden field carries."""
        return b64encode(self.content).decode()


class AnnexForm(forms.Form):
    """An annex of assignments, and what the programme is called that it becomes.

    The annex is the uploaded file or, where none was chosen, what the form carried. Once it is read, `annex` is the
    file, `rows` are its tasks and `unread` the headings that are not known; refused, `problems` lists every bad place.
    """

    title = forms.CharField(
        label=_("Title of the programme"),
        max_length=500,
        help_text=_("As the units will read it, for example: Chương trình công tác năm 2021."),
    )
    document = forms.CharField(
        label=_("Document that orders it"),
        required=False,
        max_length=500,
        help_text=_("Kind, number, day and issuer of the resolution or plan."),
    )
    issuer = forms.TypedChoiceField(
        label=_("Issuing unit"), coerce=int, help_text=_("Only the issuer and units below it can get its tasks.")
    )
    file = forms.FileField(
        label=_("File of the annex"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=_("Excel (.xlsx) or CSV, up to 10 MiB; all sheets are read."),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    kept_name = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, issuers: Sequence[tuple[int, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.annex: Annex | None = None
        self.rows: Sequence[TaskRow] = ()
        self.unread: Sequence[str] = ()
        self.problems: Sequence[Problem] = ()
        self.fields["issuer"].choices = issuers  # type: ignore[attr-defined]
        if len(issuers) == 1:
            self.fields["issuer"].disabled = True
            self.fields["issuer"].initial = issuers[0][0]
        self.fields["file"].required = not self.data.get("kept")

    def clean_file(self) -> UploadedFile | None:
        """Refuse a file that is too large before it is read."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > ANNEX_LIMIT:
            sentence = gettext("The file %(name)s is larger than %(limit)s MiB.")
            raise forms.ValidationError(sentence % {"name": file.name, "limit": ANNEX_LIMIT // 1024**2})
        return file

    def clean(self) -> dict[str, Any] | None:
        """Read the annex."""
        cleaned = super().clean()
        if "file" not in self.errors:
            try:
                annex = self._brought()
                tables = read_tables(annex.content, name=annex.name)
                self.rows, self.unread = read_annex(tables), unread_headings(tables)
            except BadInput as error:
                self.refuse(error)
            else:
                self.annex = annex
                self.fields["file"].required = not annex.is_kept
        return cleaned

    def refuse(self, error: BadInput) -> None:
        """Say why nothing was taken from the annex; it is mended outside, so the form carries it no longer."""
        self.annex, self.problems = None, error.problems
        self.fields["file"].required = True
        self.add_error("file", str(error))

    def _brought(self) -> Annex:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file:
            return Annex(file.name or "", file.read())
        try:
            content = b64decode(self.cleaned_data.get("kept", ""), validate=True)
        except ValueError as error:
            raise BadInput(_("The file is no longer kept; choose it again."), ()) from error
        return Annex(self.cleaned_data.get("kept_name", ""), content)


def measured_name(indicator: Indicator) -> str:
    """Return the name of an indicator with its unit of measure."""
    return f"{indicator.name} ({indicator.measure})" if indicator.measure else indicator.name


def add_problems(form: forms.BaseForm, error: BadInput, *, places: dict[str, str]) -> None:
    """Add each problem to the field that `places` names for its column, or to the form as a whole."""
    for problem in error.problems:
        field = places.get(problem.column)
        form.add_error(field if field in form.fields else None, capfirst(str(problem.message)))
