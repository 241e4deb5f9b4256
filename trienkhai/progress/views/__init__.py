"""The pages of progress: where a unit stands, its assignments, what somebody has to do."""

from trienkhai.progress.views.assignments import assignment_detail, task_derive
from trienkhai.progress.views.indicators import indicator_list
from trienkhai.progress.views.issuing import programme_close, programme_import, programme_issue
from trienkhai.progress.views.lists import assignment_list
from trienkhai.progress.views.programmes import programme_detail, programme_list
from trienkhai.progress.views.reports import evidence_download, report_decide, report_submit
from trienkhai.progress.views.units import home, unit_detail
from trienkhai.progress.views.work import my_work

__all__ = [
    "assignment_detail",
    "assignment_list",
    "evidence_download",
    "home",
    "indicator_list",
    "my_work",
    "programme_close",
    "programme_detail",
    "programme_import",
    "programme_issue",
    "programme_list",
    "report_decide",
    "report_submit",
    "task_derive",
    "unit_detail",
]
