"""How a path is measured beside its twin: in turns, by medians, and only if both did the same work."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

LIMITS: Final = {
    "issue": 1.5,
    "report": 10.0,
    "report_http": 3.0,
    "report_batch": 3.0,
    "rollup": 3.0,
    "page": 2.0,
    "growth_issue": 1.3,
    "growth_rollup": 2.0,
}
"""How many times as long as its twin each path may take. These are ceilings, not aims."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A path, ready to be gone, and its twin.

    `ours` and `twin` go it once and return the seconds that count, of one call, one row or one read; `left` returns
    what the one and the other have left or read so far, which must be equal. `allowance_s` are seconds of ours that
    do not count.
    """

    ours: Callable[[], float]
    twin: Callable[[], float]
    left: Callable[[], tuple[Sequence[Any], Sequence[Any]]]
    repetitions: int = 5
    allowance_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured of a path: medians in seconds, and how many times as long as its twin it took."""

    name: str
    ours_s: float
    twin_s: float
    ratio: float
    limit: float

    @property
    def is_within(self) -> bool:
        """Whether the ceiling is kept."""
        return self.ratio <= self.limit


def measure(name: str, pair: Pair) -> Figure:
    """Measure a path and its twin in turns. Raises RuntimeError if they did not do the same work."""
    ours, twin = [], []
    for _repetition in range(pair.repetitions):
        ours.append(pair.ours())
        twin.append(pair.twin())
    by_ours, by_twin = pair.left()
    if not by_ours or by_ours != by_twin:
        raise RuntimeError(
            f"{name}: the path left {len(by_ours)} rows and its twin {len(by_twin)}, and they are not the same."
        )
    ours_s, twin_s = statistics.median(ours), statistics.median(twin)
    return Figure(name, ours_s, twin_s, max(0.0, ours_s - pair.allowance_s) / twin_s, LIMITS[name])


def seconds(run: Callable[[], object]) -> float:
    """Return how long a call takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
