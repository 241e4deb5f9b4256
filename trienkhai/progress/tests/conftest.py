"""Who opens the pages of progress in the tests."""

import pytest
from django.test import Client

from trienkhai.access.operations import give_role
from trienkhai.accounts.models import User


@pytest.fixture
def officer(world, settings):
    """Return a function that logs the officer of a unit in, who holds these roles there; it is day 5, in English."""
    settings.DEMONSTRATION_DAY = world.day(5)

    def log_in(unit, *roles, language="en"):
        user = User.objects.get(pk=world.officer(unit).actor_id)
        for role in roles:
            give_role(user, role=role, unit_id=unit.unit_id, scope=world.shell())
        client = Client(headers={"accept-language": language})
        client.force_login(user)
        return client

    return log_in
