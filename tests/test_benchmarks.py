"""Every path of `trienkhai measure`, gone once in a small country: its twin must leave the same rows."""

import pytest

from benchmarks.ground import Grounds, country
from benchmarks.issue import growth_issue, issue
from benchmarks.measuring import LIMITS, Figure, Pair, measure
from benchmarks.paths import PATHS
from benchmarks.report import report, report_batch
from benchmarks.rollup import growth_rollup, rollup, rollup_during_backup
from benchmarks.web import page, report_http

SIZES = {
    issue: {},
    report: {"reports": 2},
    report_http: {"clients": 2, "reports": 1},
    report_batch: {"reports": 6},
    rollup: {"deltas": 5},
    rollup_during_backup: {"deltas": 5, "posted": 10},
    page: {"deltas": 5, "views": 1},
    growth_issue: {},
    growth_rollup: {"deltas": 5},
}
"""Each path with sizes for a small country."""


@pytest.fixture(scope="module")
def grounds(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), Grounds(nation=country((2, 3, 6)), grown=country((2, 3, 6, 12))) as made:
        yield made


@pytest.mark.parametrize("prepare", SIZES, ids=lambda prepare: prepare.__name__)
def test_a_path_and_its_twin_leave_the_same_rows(grounds, prepare):
    with prepare(grounds, **SIZES[prepare]) as pair:
        seconds = pair.ours(), pair.twin()
        by_ours, by_twin = pair.left()

    assert by_ours == by_twin
    assert by_ours
    assert min(seconds) > 0


def test_the_paths_and_their_ceilings_are_those_that_were_agreed():
    assert LIMITS == {
        "issue": 1.5,
        "report": 10,
        "report_http": 3,
        "report_batch": 3,
        "rollup": 3,
        "page": 2,
        "growth_issue": 1.3,
        "growth_rollup": 2,
    }
    assert PATHS.keys() == LIMITS.keys()
    assert {prepare for prepares in PATHS.values() for prepare in prepares} == SIZES.keys()


def pair(ours, twin, **options):
    return Pair(lambda: next(ours), lambda: next(twin), **{"left": lambda: ([1], [1]), "repetitions": 3} | options)


def test_a_ratio_is_that_of_the_medians():
    figure = measure("report", pair(iter([8, 2, 4]), iter([1, 9, 2])))

    assert figure == Figure("report", ours_s=4, twin_s=2, ratio=2, limit=10)


@pytest.mark.parametrize(("ours", "ratio", "is_within"), [(0.05, 1, True), (0.03, 0, True), (0.07, 3, False)])
def test_what_a_page_is_allowed_does_not_count(ours, ratio, is_within):
    figure = measure("page", pair(iter([ours] * 3), iter([0.01] * 3), allowance_s=0.04))

    assert figure.ratio == pytest.approx(ratio)
    assert figure.is_within is is_within


@pytest.mark.parametrize("left", [([1, 2], [1]), ([], [])])
def test_a_twin_that_does_other_work_is_found_out(left):
    with pytest.raises(RuntimeError, match="not the same"):
        measure("issue", pair(iter([1, 1, 1]), iter([1, 1, 1]), left=lambda: left))
