"""Take the pictures of the papers, `docs/images/*.png`, of a demonstration that runs.

    make demo                                        in one terminal
    python scripts/screenshots.py [ADDRESS]          in another; http://127.0.0.1:8000 by default

Needs Chromium (see `make browser`).
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs/images"
PASSWORD = "trien-khai-2021"  # noqa: S105 (of the demonstration)
HEIGHTS = {360: 780, 1280: 900}


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: who looks, at what, on how wide a screen, and how dark."""

    name: str
    user: str
    path: str
    width: int = 1280
    is_dark: bool = False

    @property
    def file(self) -> Path:
        """Return where it goes."""
        return IMAGES / f"{self.name}-{self.width}{'-dark' if self.is_dark else ''}.png"


def pictures() -> Iterator[Picture]:
    """Yield every picture; a path that begins with a word names a link to follow from *my work*."""
    for width in (1280, 360):
        yield Picture("unit-nation", "trunguong", "/", width)
        yield Picture("programme-matrix", "trunguong", "/programmes/1/", width)
        yield Picture("my-work", "hangbac" if width == 360 else "hoankiem", "/work/", width)
        yield Picture("organisation", "trunguong", "/organisation/?name=da+nang", width)
    yield Picture("assignment", "hoankiem", "first assignment")
    yield Picture("assignment", "hangbac", "first assignment", 360)
    yield Picture("report", "hangbac", "first report", 360)
    yield Picture("unit-nation", "trunguong", "/", 1280, is_dark=True)


def take(picture: Picture, browser: Browser, address: str) -> None:
    """Log in, go there, and keep what is seen."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": HEIGHTS[picture.width]},
        color_scheme="dark" if picture.is_dark else "light",
        locale="vi-VN",
        base_url=address,
    )
    page = context.new_page()
    page.goto("/login/")
    page.locator("main form").first.locator("[name=login]").fill(picture.user)
    page.locator("main form").first.locator("[name=password]").fill(PASSWORD)
    page.locator("main form").first.locator("button[type=submit]").click()
    page.wait_for_url("**/work/**")
    go(page, picture.path)
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=picture.file)
    context.close()


def go(page: Page, path: str) -> None:
    """Open an address, or what the first line of *my work* leads to."""
    match path:
        case "first assignment":
            page.locator(".work-title a").first.click()
        case "first report":
            page.locator(".work-item .btn-primary").first.click()
        case _:
            page.goto(path)


def main() -> int:
    """Take all pictures; return the exit code."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        for picture in pictures():
            take(picture, browser, address)
            print(picture.file.relative_to(IMAGES.parent.parent))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
