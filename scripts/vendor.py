"""Copy the browser's third-party parts out of their npm packages, and prove that the copies are unchanged.

    python scripts/vendor.py            fetch every package again and rewrite vendored.json
    python scripts/vendor.py --check    compare the copies with vendored.json; no network

Only what is listed here is copied. Each package's licence text is kept beside its files.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "trienkhai/core/static/vendor"
ICONS = ROOT / "trienkhai/core/templates/components/icons"
RECORD = VENDOR / "vendored.json"

# Django's manifest storage refuses a file that names a source map which is not there, and the maps are
# larger than the files they explain.
SOURCE_MAP = re.compile(rb"\n?(//|/\*)# sourceMappingURL=[^\n]*\n?")


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package at one version, and the files of it that the site serves."""

    name: str
    version: str
    files: tuple[str, ...]
    licence_file: str = "LICENSE"
    folder: Path | None = None

    @property
    def directory(self) -> Path:
        """Where the files go, the scope of the package's name left out."""
        return self.folder or self.licence_directory

    @property
    def licence_directory(self) -> Path:
        """Where the licence text goes."""
        return VENDOR / self.name.rpartition("/")[2]


PACKAGES = (
    Package("bootstrap", "5.3.9", ("dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js")),
    Package("htmx.org", "2.0.11", ("dist/htmx.min.js",)),
    Package(
        "@fontsource/be-vietnam-pro",
        "5.3.0",
        tuple(
            f"files/be-vietnam-pro-{subset}-{weight}-normal.woff2"
            for subset in ("latin", "vietnamese")
            for weight in (400, 500, 600, 700)
        ),
    ),
    Package(
        "bootstrap-icons",
        "1.13.2",
        tuple(
            f"icons/{name}.svg"
            for name in (
                "arrow-left",
                "arrow-right",
                "arrow-up",
                "calendar-event",
                "check-circle",
                "check-circle-fill",
                "chevron-down",
                "chevron-right",
                "circle",
                "circle-half",
                "clock-fill",
                "diagram-3",
                "exclamation-triangle-fill",
                "funnel",
                "hourglass-bottom",
                "hourglass-split",
                "inbox",
                "info-circle",
                "list-task",
                "moon-stars",
                "paperclip",
                "pause-circle-fill",
                "person-circle",
                "search",
                "signpost-split",
                "sun",
                "translate",
                "x-circle-fill",
            )
        ),
        folder=ICONS,
    ),
)


def sha256(content: bytes) -> str:
    """Return the SHA-256 of the content in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def fetch(package: Package, into: Path) -> dict[str, bytes]:
    """Return the package's files by their path inside it, as npm delivers them.

    Raises CalledProcessError when npm is missing the package or the version.
    """
    packed = subprocess.run(  # noqa: S603 -- every argument stands in this file
        ["npm", "pack", f"{package.name}@{package.version}", "--json", "--ignore-scripts"],  # noqa: S607
        cwd=into,
        check=True,
        stdout=subprocess.PIPE,
    )
    archive = into / json.loads(packed.stdout)[0]["filename"]
    with tarfile.open(archive) as members:
        files = ((member.name, members.extractfile(member)) for member in members if member.isfile())
        return {name.removeprefix("package/"): file.read() for name, file in files if file}


def vendor(package: Package, into: Path) -> dict[str, object]:
    """Write the package's files into the tree and return its entry of the record."""
    content = fetch(package, into)
    kept = {package.directory / PurePosixPath(name).name: content[name] for name in package.files}
    kept[package.licence_directory / "LICENSE"] = content[package.licence_file]
    hashes = {}
    for path, raw in kept.items():
        stored = SOURCE_MAP.sub(b"\n", raw) if path.suffix in {".css", ".js"} else raw
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored)
        hashes[path.relative_to(ROOT).as_posix()] = sha256(stored)
    return {
        "version": package.version,
        "licence": json.loads(content["package.json"])["license"],
        "files": dict(sorted(hashes.items())),
    }


def problems() -> list[str]:
    """Return what differs between the tree and the record, one sentence each; empty when all is well."""
    record = json.loads(RECORD.read_text())
    found = []
    wanted = {package.name: package.version for package in PACKAGES}
    recorded = {name: entry["version"] for name, entry in record.items()}
    if wanted != recorded:
        found.append(f"the list says {wanted}, the record says {recorded}")
    known = {name: digest for entry in record.values() for name, digest in entry["files"].items()}
    for name, digest in known.items():
        path = ROOT / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif sha256(path.read_bytes()) != digest:
            found.append(f"{name} was changed after it was vendored")
    present = {path for folder in (VENDOR, ICONS) for path in folder.rglob("*") if path.is_file()} - {RECORD}
    found += [
        f"{name} is not in the record"
        for name in sorted(str(path.relative_to(ROOT)) for path in present)
        if name not in known
    ]
    return found


def main() -> int:
    """Vendor, or check what was vendored; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when a copy differs")
    if parser.parse_args().check:
        found = problems()
        print("\n".join(found) or "every vendored file is as recorded")
        return 1 if found else 0
    with tempfile.TemporaryDirectory() as directory:
        record = {package.name: vendor(package, Path(directory)) for package in PACKAGES}
    RECORD.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
    print(f"{sum(len(package.files) for package in PACKAGES)} files of {len(PACKAGES)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
