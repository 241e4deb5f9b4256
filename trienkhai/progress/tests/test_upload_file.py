import errno

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from trienkhai.access.operations import give_role, issue_token
from trienkhai.core.files.storage import WholeFileStorage
from trienkhai.organisation.scoping import Role
from trienkhai.progress.models import StoredFile

PROGRAM = b"MZ\x90\x00" + bytes(200)
WEB_PAGE = b"<!doctype html><script>alert(1)</script>"
LARGE = 25 * 1024 * 1024 + 1


@pytest.fixture
def upload(world, client, settings, tmp_path):
    """Return what sends a file to the API as the reporter of a commune, and returns the answer."""
    settings.DEMONSTRATION_DAY = world.day(1)
    settings.MEDIA_ROOT = tmp_path
    give_role(world.user("lan"), role=Role.REPORTER, unit_id=world.commune.unit_id, scope=world.shell())
    _token, characters = issue_token(world.user("lan"), name="x", permissions=["progress.report"], scope=world.shell())

    def upload(name, content):
        file = SimpleUploadedFile(name, content)
        return client.post("/api/v1/files", {"file": file}, headers={"Authorization": f"Bearer {characters}"})

    return upload


def is_nothing_stored(directory):
    return not StoredFile.objects.exists() and not [path for path in directory.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("biên bản.pdf", b"", "file_empty"),
        ("biên bản.txt", b" \r\n\x00", "file_empty"),
        ("ảnh.jpg", PROGRAM, "file_unsafe"),
        ("báo cáo.docx", b"#!/bin/sh\nrm -rf /\n", "file_unsafe"),
        ("báo cáo.pdf", WEB_PAGE, "file_unsafe"),
        ("báo cáo.html", WEB_PAGE, "file_unsafe"),
        ("phim.txt", b"a" * LARGE, "file_too_large"),
    ],
    ids=["empty", "blank", "program", "script", "web page", "web page by its name", "too large"],
)
def test_what_is_no_evidence_is_refused_by_name_and_not_stored(upload, tmp_path, name, content, code):
    response = upload(name, content)

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert name in response.json()["title"]
    assert is_nothing_stored(tmp_path)


def test_on_a_full_disk_nothing_of_a_file_stays_and_nothing_is_noted(upload, tmp_path, monkeypatch):
    def full(self, name, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(WholeFileStorage, "_save", full)

    response = upload("biên bản.txt", "Biên bản họp".encode())

    assert (response.status_code, response.json()["code"]) == (422, "disk_full")
    assert is_nothing_stored(tmp_path)
