"""Rights over programmes and tasks."""

from trienkhai.organisation.scoping import Permission, Role

ISSUE = Permission("tasks.issue", frozenset({Role.ISSUER}))
DERIVE = Permission("tasks.derive", frozenset({Role.ISSUER, Role.REPORTER, Role.REVIEWER}), is_for_own_unit=True)
