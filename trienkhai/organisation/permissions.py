"""Rights over units. A right holds under a unit: for it and everything below it."""

from trienkhai.organisation.scoping import Permission, Role

READ = Permission("organisation.read", frozenset(Role))
ORGANISE = Permission("organisation.organise", frozenset({Role.ORGANISER}))
