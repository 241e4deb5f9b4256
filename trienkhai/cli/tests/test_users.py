import json

import pytest

from trienkhai.access.models import Grant
from trienkhai.accounts.models import ApiToken, User
from trienkhai.accounts.rules import digest_of

pytestmark = pytest.mark.django_db

PASSWORD = "mot-cau-de-nho"
OTHER = "mot-cau-khac-han"


@pytest.fixture
def lan(world, told):
    told("user", "add", "lan", "--name", "Nguyễn Thị Lan", "--password", PASSWORD)
    return User.objects.get(username="lan")


def test_a_user_is_added_who_can_log_in_and_may_nothing_yet(world, told):
    said = told("user", "add", "lan", "--name", "Nguyễn Thị [Lan]", "--password", PASSWORD, "--email", "lan@xa.vn")

    user = User.objects.get(username="lan")
    assert said == "Nguyễn Thị [Lan] can log in as lan."
    assert (user.name, user.email, user.check_password(PASSWORD)) == ("Nguyễn Thị [Lan]", "lan@xa.vn", True)
    assert not Grant.objects.filter(user=user).exists()


def test_a_password_that_is_left_out_is_asked_for_twice_and_never_shown(world, trienkhai):
    done = trienkhai("user", "add", "lan", "--name", "Lan", typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert done.exit_code == 0
    assert PASSWORD not in done.output
    assert User.objects.get(username="lan").check_password(PASSWORD)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["lan", "--name", "Lan", "--password", PASSWORD], "Somebody logs in as lan already."),
        (["LAN", "--name", "Lan", "--password", PASSWORD], "Somebody logs in as LAN already."),
        (["hoa", "--name", "Hoa", "--password", "12345678"], "too short"),
        (["hoa sen", "--name", "Hoa", "--password", PASSWORD], "Enter a valid username"),
        (["hoa", "--name", " ", "--password", PASSWORD], "cannot be blank"),
        (["h" * 151, "--name", "Hoa", "--password", PASSWORD], "at most 150 characters"),
    ],
)
def test_a_user_who_cannot_be_is_refused(lan, refused, words, sentence):
    assert sentence in refused("user", "add", *words)


def test_a_password_is_changed(lan, told, refused):
    assert "too short" in refused("user", "password", "lan", "--password", "ngan")
    assert told("user", "password", "lan", "--password", OTHER) == "The password of lan was changed."

    lan.refresh_from_db()
    assert (lan.check_password(OTHER), lan.check_password(PASSWORD)) == (True, False)


def test_a_role_is_granted_for_a_range_of_dates_and_revoked(world, lan, told):
    role = ("--role", "reporter", "--unit", "00715")

    said = told("user", "grant", "lan", *role, "--from", world.day(2), "--until", world.day(9), day=1)

    grant = Grant.objects.get()
    assert said == "lan is reporter under Xã Lũng Cú."
    assert (grant.role, grant.unit_id, grant.valid.lower, grant.valid.upper) == (
        "reporter",
        world.commune.unit_id,
        world.day(2),
        world.day(9),
    )
    assert told("user", "revoke", "lan", *role, day=5) == "The role has ended."
    assert Grant.objects.get().valid.upper == world.day(5)


def test_a_role_speaks_the_language_of_the_terminal(lan, told):
    said = told("user", "grant", "lan", "--role", "viewer", "--unit", "02", language="vi_VN.UTF-8")

    assert said == "lan có vai trò người xem tại Tỉnh Hà Giang."


@pytest.mark.parametrize(
    ("verb", "words", "sentence"),
    [
        ("grant", ["hoa", "--role", "viewer", "--unit", "02"], "Nobody logs in as hoa."),
        (
            "grant",
            ["lan", "--role", "king", "--unit", "02"],
            "There is no role called king; there are viewer, reporter",
        ),
        ("grant", ["lan", "--role", "viewer", "--unit", "99"], "No unit has the code 99"),
        ("grant", ["lan", "--role", "viewer", "--unit", "02", "--until", "2021-03-12"], "lies before its first"),
        (
            "grant",
            ["lan", "--role", "reporter", "--unit", "02"],
            "holds this role under this unit on one of these days",
        ),
        (
            "revoke",
            ["lan", "--role", "viewer", "--unit", "02"],
            "holds this role under this unit neither today nor later",
        ),
        ("password", ["hoa", "--password", PASSWORD], "Nobody logs in as hoa."),
        ("token", ["hoa", "--name", "máy", "--permission", "organisation.read"], "Nobody logs in as hoa."),
        ("token", ["lan", "--name", "máy", "--permission", "everything"], "There is no right called everything"),
        (
            "token",
            ["lan", "--name", "máy", "--permission", "organisation.read", "--until", "2021-03-12"],
            "A token expires after today",
        ),
    ],
)
def test_what_cannot_be_is_refused(lan, told, refused, verb, words, sentence):
    told("user", "grant", "lan", "--role", "reporter", "--unit", "02")

    assert sentence in refused("user", verb, *words)


def test_a_token_is_printed_alone_so_that_a_program_can_take_it(world, lan, trienkhai):
    done = trienkhai(
        *("user", "token", "lan", "--name", "máy của xã", "--permission", "progress.report"),
        *("--permission", "organisation.read", "--until", world.day(90)),
    )

    issued = ApiToken.objects.get()
    assert (done.exit_code, done.stderr) == (0, "")
    assert digest_of(done.stdout.removesuffix("\n")) == issued.digest
    assert (issued.user, issued.name, issued.expires_on) == (lan, "máy của xã", world.day(90))
    assert issued.permissions == ["organisation.read", "progress.report"]


@pytest.mark.parametrize("name", [" ", "x" * 101])
def test_a_token_has_a_name_that_its_column_can_hold(lan, trienkhai, name):
    done = trienkhai("user", "token", "lan", "--name", name, "--permission", "organisation.read")

    assert (done.exit_code, ApiToken.objects.count()) == (2, 0)


def test_the_list_says_who_holds_what_on_a_day(world, lan, told):
    told("user", "grant", "lan", "--role", "reporter", "--unit", "00715", "--until", world.day(5))
    told("user", "grant", "lan", "--role", "viewer", "--unit", "02")

    now, later = told("user", "list"), told("user", "list", "--on", world.day(5))

    assert "│ lan │ Nguyễn Thị Lan │ reporter: Xã Lũng Cú │ │ │ │ viewer: Tỉnh Hà Giang │" in now
    assert "│ lan │ Nguyễn Thị Lan │ viewer: Tỉnh Hà Giang │" in later


def test_the_list_as_json_says_the_same(lan, told):
    told("user", "grant", "lan", "--role", "viewer", "--unit", "02")

    (listed,) = json.loads(told("user", "list", "--json"))

    assert listed == {
        "username": "lan",
        "name": "Nguyễn Thị Lan",
        "is_active": True,
        "grants": [{"role": "viewer", "unit": {"code": "02", "level": "province", "name": "Tỉnh Hà Giang"}}],
    }
