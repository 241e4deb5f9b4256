"""Rights over reports."""

from trienkhai.organisation.scoping import Permission, Role

REPORT = Permission("progress.report", frozenset({Role.REPORTER}), is_for_own_unit=True)
REVIEW = Permission("progress.review", frozenset({Role.REVIEWER}))
