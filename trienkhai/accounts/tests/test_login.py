import pytest
from django.core.cache import cache
from django.urls import reverse

from trienkhai.access.operations import make_user

PASSWORD = "mot-cau-de-nho"


@pytest.fixture(autouse=True)
def _user(world):
    cache.clear()
    make_user("lan", name="Nguyễn Thị Lan", password=PASSWORD, scope=world.shell())


def log_in(client, password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": "lan", "password": password} | more)


def test_who_logs_in_begins_with_their_work(client):
    response = log_in(client)

    assert response.status_code == 302
    assert response.url == reverse("my_work")


def test_every_page_asks_for_a_login_and_leads_back_to_where_one_was_going(client):
    asked = client.get(reverse("unit_list"))
    response = log_in(client, next=reverse("unit_list"))

    assert asked.url == f"{reverse('account_login')}?next={reverse('unit_list')}"
    assert response.url == reverse("unit_list")


def test_another_site_is_no_place_to_go_on_to(client):
    response = log_in(client, next="https://example.org/")

    assert response.url == reverse("my_work")


def test_a_wrong_password_is_said_in_the_users_language(client):
    response = log_in(client, password="sai")

    assert response.status_code == 200
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in response.content.decode()


def test_the_sixth_attempt_in_five_minutes_is_refused_even_with_the_right_password(client):
    for _attempt in range(5):
        log_in(client, password="sai")

    response = log_in(client)

    assert response.status_code == 200
    assert "Nhập sai mật khẩu quá nhiều lần" in response.content.decode()
    assert client.get(reverse("token_list")).status_code == 302


def test_nobody_signs_up_by_themselves(client):
    assert client.get("/signup/").status_code == 404
    assert client.get(reverse("account_login")).status_code == 200


def test_the_login_page_names_nobody_outside_the_demonstration(client):
    response = client.get(reverse("account_login"))

    assert "demonstration_logins" not in response.context
    assert "Dùng thử với vai" not in response.content.decode()
