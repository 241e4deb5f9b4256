"""What allauth asks of this installation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator, never by whoever comes along; what can be wrong is said in our words."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account was closed. Ask the administrator of your unit."),
        "enter_current_password": _("Type your present password."),
        "incorrect_password": _("The password is not right."),
        "username_password_mismatch": _("The user name or the password is not right. Mind capitals and the keyboard."),
        "too_many_login_attempts": _("Too many wrong passwords for this user name. Try again in five minutes."),
        "rate_limited": _("Too many attempts in a short time. Wait a minute, then try again."),
    }

    def is_open_for_signup(self, request: Any) -> bool:  # noqa: ARG002
        """Say no."""
        return False
