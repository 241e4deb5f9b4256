"""What the clock runs for progress."""

from datetime import timedelta

from trienkhai.core import clock
from trienkhai.progress import operations
from trienkhai.progress.models import LiveEvent

EVENTS_KEPT = timedelta(minutes=10)
"""How long a watcher who lost the line can go on from where it was."""


def post_deltas() -> None:
    """Carry what changed to everyone above; every half second."""
    operations.post_deltas(on=clock.today())


def forget_live_events() -> None:
    """Remove events that no watcher will ask for any more; every minute."""
    LiveEvent.objects.filter(recorded_at__lt=clock.now() - EVENTS_KEPT).delete()
