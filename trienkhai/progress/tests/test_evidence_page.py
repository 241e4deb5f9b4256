import logging

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from trienkhai.organisation.scoping import Role
from trienkhai.progress.rules import EvidenceLine

CONTENT = "Biên bản họp ngày 12 tháng 3".encode()


@pytest.fixture
def evidence(world, settings, tmp_path):
    """Store a file, and let the commune report with it."""
    settings.MEDIA_ROOT = tmp_path
    world.issue()
    proof = EvidenceLine(file=world.file(CONTENT, name="gốc.txt").pk, name="biên bản số 1.txt")
    return world.report(world.assignment(world.commune), evidence=[proof]).evidence.get()


def fetch(client, evidence):
    """Return the answer, read to its end."""
    response = client.get(reverse("evidence_download", args=[evidence.pk]))
    response.body = response.getvalue()
    response.close()
    return response


@pytest.mark.parametrize(
    ("unit", "status"),
    [("commune", 200), ("north_district", 200), ("centre", 200), ("other_commune", 404), ("south", 404)],
)
def test_evidence_is_fetched_by_its_unit_and_from_above(world, evidence, officer, unit, status):
    assert fetch(officer(getattr(world, unit), Role.VIEWER), evidence).status_code == status


def test_evidence_comes_whole_under_the_name_that_the_unit_gave_it(world, evidence, officer):
    response = fetch(officer(world.commune, Role.VIEWER), evidence)

    assert response.body == CONTENT
    assert response.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''bi%C3%AAn%20b%E1%BA%A3n%20s%E1%BB%91%201.txt"
    )
    assert response.headers["Content-Type"] == "text/plain"


def test_evidence_is_never_run_and_never_cached(world, evidence, officer):
    headers = fetch(officer(world.commune, Role.VIEWER), evidence).headers

    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("number", ["0", "9" * 40])
def test_unknown_evidence_is_not_found(world, evidence, officer, number):
    assert officer(world.centre, Role.VIEWER).get(f"/evidence/{number}/").status_code == 404


def test_a_file_that_is_gone_from_the_storage_is_said_plainly_and_logged(world, evidence, officer, caplog):
    sha256 = evidence.file_id
    default_storage.delete(f"{sha256[:2]}/{sha256[2:4]}/{sha256}")

    with caplog.at_level(logging.ERROR, logger="trienkhai.progress"):
        response = fetch(officer(world.commune, Role.VIEWER), evidence)

    assert response.status_code == 404
    assert "The file “biên bản số 1.txt” is missing" in response.content.decode()
    assert sha256 in caplog.text


def test_evidence_is_read_only(world, evidence, officer):
    client = officer(world.commune, Role.VIEWER)

    assert client.post(reverse("evidence_download", args=[evidence.pk])).status_code == 405
