import pytest
from django.core.signing import BadSignature, Signer
from django.http import HttpResponse

from trienkhai.access.tickets import COOKIE, read_ticket, set_ticket, sign_ticket


@pytest.mark.parametrize("units", [[3, 17], [], None])
def test_a_ticket_says_what_its_holder_may_read(units):
    assert read_ticket(sign_ticket(units)).units == units


def forged() -> str:
    wanted, _separator, _signature = sign_ticket(None).rpartition(":")
    _given, _separator, signature = sign_ticket([1]).rpartition(":")
    return f"{wanted}:{signature}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("Đà Nẵng", id="no ticket"),
        pytest.param(forged(), id="with the signature of another"),
        pytest.param(sign_ticket(None, lifetime=0), id="ended"),
        pytest.param(
            Signer(salt="else").sign_object({"units": None, "ends_at": 2**40}), id="signed for something else"
        ),
    ],
)
def test_a_ticket_that_is_forged_or_has_ended_says_nothing(text):
    with pytest.raises(BadSignature):
        read_ticket(text)


def test_the_cookie_goes_to_the_stream_alone_and_no_script_reads_it(settings):
    settings.SESSION_COOKIE_SECURE = True
    response = HttpResponse()

    set_ticket(response, units=[1])

    cookie = response.cookies[COOKIE]
    kept = {name: cookie[name] for name in ("path", "httponly", "secure", "samesite", "max-age")}
    assert kept == {"path": "/live", "httponly": True, "secure": True, "samesite": "Lax", "max-age": 600}


@pytest.mark.parametrize(("number", "is_set"), [(300, True), (3000, False)])
def test_no_cookie_is_set_that_browsers_would_drop(number, is_set):
    response = HttpResponse()

    set_ticket(response, units=list(range(1, 7 * number, 7)))

    assert (COOKIE in response.cookies) is is_set
