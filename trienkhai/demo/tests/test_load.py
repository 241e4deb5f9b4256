import csv
import hashlib
from contextlib import nullcontext

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F, Q

from trienkhai.access.models import Grant
from trienkhai.accounts.models import User
from trienkhai.accounts.rules import DEMONSTRATION_PASSWORD
from trienkhai.audit.models import Operation
from trienkhai.core.files import check_file, open_file
from trienkhai.core.integrity import findings
from trienkhai.demo import load as loading
from trienkhai.demo.load import LOGINS, PROGRAMME, load
from trienkhai.demo.simulation import EPIDEMIC_TASK, LAST_DAY
from trienkhai.demo.tests.conftest import track, write_structure
from trienkhai.organisation.models import UnitVersion
from trienkhai.progress.models import Evidence, LedgerDelta, Report, StoredFile
from trienkhai.progress.queries import rollup
from trienkhai.tasks.models import Assignment

pytestmark = pytest.mark.django_db

UNITS = {"cấp tỉnh": 2, "cấp huyện": 2, "cấp xã": 28}


@pytest.fixture(scope="module")
def programme(django_db_setup, django_db_blocker, tmp_path_factory):
    """Load the demonstration of 32 units once for the tests that only look at it: it takes two seconds."""
    structure = tmp_path_factory.mktemp("demonstration") / "units.csv"
    write_structure(structure, communes=18)
    whole = transaction.atomic()
    whole._from_testcase = True  # as in Django's own TestCase: operations are durable
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, whole:
        patch.setattr(loading, "STRUCTURE", structure)
        # The owner would need a connection of its own, which sees nothing of this transaction.
        patch.setattr(loading, "as_owner", nullcontext)
        yield load(track)
        transaction.set_rollback(True)


def figures(programme, *, on=LAST_DAY):
    centre = UnitVersion.objects.by_code("TW", on=on)
    return rollup(centre, programme=programme, on=on).whole


def test_every_task_reaches_every_unit_that_its_addressees_name(programme):
    with PROGRAMME.open(encoding="utf-8", newline="") as stream:
        addressed = {int(row["TT"]): row["Chủ trì"].split("; ") for row in csv.DictReader(stream)}

    expected = {task: sum(UNITS[level] for level in levels) for task, levels in addressed.items()}
    assert {task: Assignment.objects.filter(task__number=task).count() for task in expected} == expected
    assert Assignment.objects.count() == figures(programme).assignments == sum(expected.values())


def test_reports_and_reviews_are_spread_over_the_months(programme):
    months = {day.month for day in Report.objects.values_list("day", flat=True)}
    reviews = {day.month for day in Report.objects.filter(review__isnull=False).values_list("review__day", flat=True)}

    assert months == set(range(3, 10))
    assert reviews >= set(range(4, 10))
    assert Report.objects.filter(day__gt=LAST_DAY).count() == 0


def test_all_kinds_of_standing_occur_and_some_reports_were_returned(programme):
    standings = figures(programme).standings

    assert {name for name, number in standings.items() if number == 0} <= {"due_soon", "waiting_late"}
    assert set(Report.objects.values_list("state", flat=True)) == {"waiting", "accepted", "returned"}
    assert Report.objects.filter(is_result=True, day__gt=F("assignment__original_due")).exists()
    assert Report.objects.filter(~Q(difficulties="")).exists()


def test_what_the_epidemic_stopped_is_suspended_in_one_province_only(programme):
    suspended = Assignment.objects.filter(state="suspended")
    codes = UnitVersion.objects.filter(unit__in=suspended.values("unit")).values_list(
        "parent__versions__code", flat=True
    )

    assert set(suspended.values_list("task__number", flat=True)) == {EPIDEMIC_TASK}
    assert set(codes) == {"760"}


def test_results_are_proven_by_stored_files_that_pass_the_check(programme):
    unproven = Report.objects.filter(is_result=True, assignment__task__demands_evidence=True, evidence=None)

    assert not unproven.exists()
    assert StoredFile.objects.count() == 24
    for stored in StoredFile.objects.all():
        with open_file(stored.pk) as stream:
            content = stream.read()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (stored.pk, stored.size)
        assert check_file(content, name="minh chứng").media_type == stored.media_type
    assert all("(mô phỏng)" in name for name in Evidence.objects.values_list("name", flat=True))


def test_every_operation_is_marked_as_simulated_and_recorded_on_its_day(programme):
    operations = Operation.objects.all()

    assert not operations.filter(is_simulated=False).exists()
    assert set(operations.values_list("actor_id", "actor_name", "source")) == {(None, "demonstration", "job")}
    assert not operations.exclude(recorded_at__date=F("day")).exists()
    assert set(operations.values_list("name", flat=True)) >= {
        "organisation.import_structure",
        "tasks.issue_programme",
        "progress.submit_reports",
        "progress.decide_reports",
        "progress.suspend_assignments",
        "demo.load",
    }


def test_everything_is_posted_and_no_check_finds_anything(programme):
    assert not LedgerDelta.objects.exists()
    assert list(findings(on=LAST_DAY)) == []


def test_the_people_can_log_in_and_hold_their_roles(programme):
    assert User.objects.filter(is_demonstration=True).count() == User.objects.count() == len(LOGINS)
    for username, _name, level, code, roles in LOGINS:
        user = authenticate(username=username, password=DEMONSTRATION_PASSWORD)
        unit = UnitVersion.objects.by_code(code, on=LAST_DAY, level=level).unit_id
        assert set(Grant.objects.on(LAST_DAY).filter(user=user).values_list("role", "unit_id")) == {
            (role, unit) for role in roles
        }


def test_loading_again_does_nothing(programme):
    before = Operation.objects.count(), Report.objects.count()

    assert load(track) == programme
    assert (Operation.objects.count(), Report.objects.count()) == before
