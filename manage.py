"""Run Django's own commands against this installation: `python manage.py COMMAND`."""

import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from trienkhai.config.instance import instance
from trienkhai.core.errors import DomainError

OWNER_COMMANDS = {"dbshell", "flush", "migrate", "showmigrations", "sqlmigrate"}


def main() -> None:
    """Run the command; those that change tables run as the role that owns them."""
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        with instance(role="owner" if command in OWNER_COMMANDS else "application"):
            execute_from_command_line(sys.argv)
    except (DomainError, ImproperlyConfigured) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
