from itertools import islice

import pytest

from trienkhai.audit.models import Operation
from trienkhai.core.errors import DomainError
from trienkhai.core.integrity import findings
from trienkhai.demo import load as loading
from trienkhai.demo.evidence import make_evidence
from trienkhai.demo.load import load
from trienkhai.demo.simulation import LAST_DAY
from trienkhai.demo.tests.conftest import track, write_structure
from trienkhai.organisation.models import UnitVersion
from trienkhai.progress.models import Report
from trienkhai.progress.queries import rollup
from trienkhai.tasks.models import Programme


class PowerCut(Exception):
    """Ends a load in its middle."""


def figures(programme):
    """Return everything that is counted under the centre on the last day, by task and unit."""
    found = rollup(UnitVersion.objects.by_code("TW", on=LAST_DAY), programme=programme, on=LAST_DAY)
    return found.whole, [(row.task.number, row.figures) for row in found.tasks], [row.figures for row in found.units]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_load_that_was_cut_off_is_begun_anew_and_comes_to_the_same_figures(quick, monkeypatch, tmp_path):
    """Loads 22 units three times and makes all tables twice: ten seconds."""
    structure = tmp_path / "units.csv"
    write_structure(structure, communes=9)
    monkeypatch.setattr(loading, "STRUCTURE", structure)
    monkeypatch.setattr(loading, "make_evidence", lambda: islice(make_evidence(), 3))
    reported = []

    def until_the_cut(label, total):
        def done(number):
            reported.append(number)
            if len(reported) > 40:
                raise PowerCut

        return done

    with pytest.raises(PowerCut):
        load(until_the_cut)
    assert 0 < Report.objects.count() < 100
    first = load(track)
    once = figures(first), Operation.objects.count(), Report.objects.count()
    monkeypatch.setattr(loading, "LOADED", "demo.another_load")
    second = load(track)

    assert (figures(second), Operation.objects.count(), Report.objects.count()) == once
    assert list(findings(on=LAST_DAY)) == []


@pytest.mark.django_db
def test_a_database_with_real_work_is_refused_and_keeps_it(world):
    programme = world.issue()

    with pytest.raises(DomainError) as caught:
        load(track)

    assert caught.value.code == "not_a_demonstration"
    assert list(Programme.objects.all()) == [programme]
