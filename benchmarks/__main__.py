"""`python -m benchmarks [NAME…] [--json FILE]`, which `trienkhai measure` runs.

Code 1 if a ceiling is passed, 2 if a name is unknown.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.ground import GROWN, Grounds, country, owner, real_structure, server
from benchmarks.measuring import LIMITS, Figure, measure

screen = Console()
progress = Console(stderr=True)


def main() -> int:
    """Measure the paths named, or all; print a table and return the exit code."""
    asked = _arguments()
    names = [name for name in LIMITS if name in asked.names or not asked.names]
    with server():
        figures = _measure(names)
        machine = _machine()
    _show(figures)
    if asked.json:
        _write(asked.json, [asdict(figure) for figure in figures])
        _write(asked.json.with_name(f"{asked.json.stem}-machine.json"), machine)
    return 0 if all(figure.is_within for figure in figures) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="trienkhai measure", description="Measure hot paths beside plain SQL.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(LIMITS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to this file")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.names) - LIMITS.keys()):
        parser.error(f"no path is called {', '.join(unknown)}; there are {', '.join(LIMITS)}")
    return asked


def _measure(names: Sequence[str]) -> list[Figure]:
    from benchmarks.paths import PATHS

    figures = []
    with Grounds(nation=real_structure(), grown=country(GROWN)) as grounds, progress.status("") as status:
        for name in names:
            status.update(f"Measuring {name} …")
            found = []
            for prepare in PATHS[name]:
                with prepare(grounds) as pair:
                    found.append(measure(name, pair))
            figures.append(max(found, key=lambda figure: figure.ratio))
    return figures


def _show(figures: Sequence[Figure]) -> None:
    table = Table("Path", title="Each path beside its twin (medians)", title_justify="left")
    for heading in ("Ours", "Twin", "Ratio", "At most"):
        table.add_column(heading, justify="right")
    for figure in figures:
        style = None if figure.is_within else "bold red"
        row = (figure.name, _time(figure.ours_s), _time(figure.twin_s), f"{figure.ratio:.2f}", f"{figure.limit:g}")
        table.add_row(*row, style=style)
    screen.print(table)


def _time(seconds: float) -> str:
    for unit, factor in (("s", 1), ("ms", 1_000)):
        if seconds * factor >= 1:
            return f"{seconds * factor:,.2f} {unit}"
    return f"{seconds * 1_000_000:,.1f} µs"


def _machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    cpu = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    with owner(database="postgres") as connected:
        (version,) = connected.execute("SHOW server_version").fetchone() or ("",)
    return {
        "processor": cpu[0] if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load": [round(load, 2) for load in os.getloadavg()],
        "postgresql": version,
        "python": platform.python_version(),
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _write(file: Path, value: Any) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
