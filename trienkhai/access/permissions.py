"""Rights over grants."""

from trienkhai.organisation.scoping import Permission, Role

ADMINISTER = Permission("access.administer", frozenset({Role.ADMINISTRATOR}))
