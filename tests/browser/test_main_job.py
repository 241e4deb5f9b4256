"""The main job as people do it, in a real browser: report from a phone, review, and see the nation's figure change."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE

# The site's processes read what is committed; afterwards the tables are emptied, and what migrations wrote comes back.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

DONE_ON_TIME = "Hoàn thành đúng hạn"


def figure(page: Page, label: str):
    """Return the figure of a standing on the page of a unit."""
    return page.locator("#standing").get_by_role("listitem").filter(has_text=label)


def open_nation(page: Page) -> None:
    """Go to where the reader's units begin, by the navigation."""
    page.get_by_role("navigation", name="Chính").get_by_role("link", name="Tình hình thực hiện").click()
    expect(page.get_by_role("heading", name="Trung ương", level=1)).to_be_visible()


def report_with(page: Page, photo) -> None:
    """Report that the work is done, from *my work*, with a photograph."""
    page.get_by_role("link", name="Báo cáo nhiệm vụ 1").click()
    page.locator("[name=text]").fill("Đã tổ chức ngày 13/3, 42 người dự")
    page.locator("[name=evidence]").set_input_files(photo)
    page.locator("[name=is_result]").check()
    page.get_by_role("button", name="Gửi báo cáo").click()


def test_the_nations_figure_changes_live_when_a_commune_has_reported_and_its_district_accepted(log_in, photo):
    nation = log_in("trung")
    open_nation(nation)
    expect(figure(nation, DONE_ON_TIME)).to_contain_text("0")

    phone = log_in("lan", viewport=PHONE)
    report_with(phone, photo)
    expect(phone.get_by_text("Chờ duyệt").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    reviewer = log_in("phuong")
    reviewer.get_by_role("link", name="Duyệt nhiệm vụ 1 của Xã Lũng Cú").click()
    expect(reviewer.get_by_text("hoi-nghi.jpg").first).to_be_visible()
    reviewer.get_by_role("button", name="Duyệt", exact=True).click()
    reviewer.wait_for_url("**/work/**")

    expect(figure(nation, DONE_ON_TIME)).to_contain_text("1", timeout=5_000)


def test_the_nation_is_read_down_to_a_commune_and_back(log_in):
    page = log_in("trung")
    open_nation(page)
    for name in ("Tỉnh Hà Giang", "Huyện Đồng Văn", "Xã Lũng Cú"):
        page.locator("#unit-rows").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()

    page.locator(".breadcrumbs").get_by_role("link", name="Trung ương").click()

    expect(page.get_by_role("heading", name="Trung ương", level=1)).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desk"])
def test_a_report_is_sent_without_javascript(log_in, photo, viewport):
    page = log_in("lan", viewport=viewport, has_javascript=False)

    report_with(page, photo)

    expect(page.get_by_text("Chờ duyệt").first).to_be_visible()
    expect(page.get_by_text("hoi-nghi.jpg").first).to_be_visible()


def test_a_result_without_evidence_is_not_sent_and_nothing_typed_is_lost(log_in):
    page = log_in("lan", viewport=PHONE)
    page.get_by_role("link", name="Báo cáo nhiệm vụ 1").click()
    page.locator("[name=text]").fill("Đã tổ chức")
    page.locator("[name=is_result]").check()

    page.get_by_role("button", name="Gửi báo cáo").click()

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("[name=text]")).to_have_value("Đã tổ chức")


def test_the_interface_speaks_english_too(log_in):
    page = log_in("trung")
    open_nation(page)

    page.locator("button[name=language][value=en]").click()

    expect(page.get_by_text("Assignments in all")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
