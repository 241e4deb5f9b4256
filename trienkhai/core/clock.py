"""The only place that asks what time it is.

Domain code takes the day as an argument; views, jobs, middleware and the command line ask here. The demo
stands on a fixed day (setting `TRIENKHAI_TODAY`); the hour then still runs.
"""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """Return the present day in Asia/Ho_Chi_Minh, or the demonstration's day."""
    return settings.DEMONSTRATION_DAY or timezone.localdate()


def now() -> datetime:
    """Return the present instant, aware; in a demonstration the hour of its day."""
    instant = timezone.localtime()
    day = settings.DEMONSTRATION_DAY
    return instant.replace(year=day.year, month=day.month, day=day.day) if day else instant
