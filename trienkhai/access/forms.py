from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from trienkhai.access.rules import permission_words


class TokenForm(forms.Form):
    """What a new API token is for, what it may do, and until when."""

    name = forms.CharField(
        label=_("Used for"), max_length=100, help_text=_("For example: monthly figures of the office.")
    )
    permissions = forms.MultipleChoiceField(label=_("May"), widget=forms.CheckboxSelectMultiple)
    expires_on = forms.DateField(
        label=_("Expires on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("After 90 days, unless you choose another day within a year."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["permissions"].choices = permission_words()  # type: ignore[attr-defined]
