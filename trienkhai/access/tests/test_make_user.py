import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.access.operations import change_password, make_user
from trienkhai.accounts.models import User
from trienkhai.audit.models import Operation
from trienkhai.core.errors import DomainError

PASSWORD = "mot-cau-de-nho"


def test_a_new_user_logs_in_with_the_password_and_may_do_nothing(world, client):
    user = make_user("lan", name="Nguyễn Thị Lan", password=PASSWORD, scope=world.shell())

    assert client.login(username="lan", password=PASSWORD)
    assert not user.grants.exists()


def test_the_password_is_nowhere_in_the_history(world):
    make_user("lan", name="Nguyễn Thị Lan", password=PASSWORD, scope=world.shell())

    operation = Operation.objects.get(name="access.make_user")
    assert PASSWORD not in str(operation.detail)
    assert "password" not in operation.detail


@pytest.mark.parametrize(
    ("username", "password", "code"),
    [
        ("centre", PASSWORD, "username_taken"),
        ("CENTRE", PASSWORD, "username_taken"),
        ("có dấu cách", PASSWORD, "username_unfit"),
        ("lan", "ngan", "password_weak"),
        ("lan", "123456789012", "password_weak"),
    ],
)
def test_a_user_that_cannot_be_is_refused_by_name(world, username, password, code):
    world.user("centre")

    with pytest.raises(DomainError) as refused:
        make_user(username, name="Lan", password=password, scope=world.shell())

    assert refused.value.code == code
    assert User.objects.filter(name="Lan").count() == 0


def test_only_the_shell_makes_users(world):
    with pytest.raises(PermissionDenied):
        make_user("lan", name="Lan", password=PASSWORD, scope=world.scope("centre"))

    assert not User.objects.filter(username="lan").exists()


def test_a_changed_password_ends_sessions(world, client):
    user = make_user("lan", name="Lan", password=PASSWORD, scope=world.shell())
    client.login(username="lan", password=PASSWORD)

    change_password(user, password="mot-cau-khac-han", scope=world.shell())

    assert client.get("/tokens/").status_code == 302
