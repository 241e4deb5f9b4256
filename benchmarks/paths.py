"""Which function prepares which path. A path with several is as slow, beside its twin, as the slowest of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from benchmarks.ground import Grounds
from benchmarks.issue import growth_issue, issue
from benchmarks.measuring import Pair
from benchmarks.report import report, report_batch
from benchmarks.rollup import growth_rollup, rollup, rollup_during_backup
from benchmarks.web import page, report_http

PATHS: Final[dict[str, tuple[Callable[[Grounds], AbstractContextManager[Pair]], ...]]] = {
    "issue": (issue,),
    "report": (report,),
    "report_http": (report_http,),
    "report_batch": (report_batch,),
    "rollup": (rollup, rollup_during_backup),
    "page": (page,),
    "growth_issue": (growth_issue,),
    "growth_rollup": (growth_rollup,),
}
