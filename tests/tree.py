"""What the structural tests look at: the files of the checkout, the layers, the models."""

import importlib.util
import sys
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType

from django.apps import apps
from django.db.models import Model

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "trienkhai"


@cache
def files(pattern: str = "*") -> list[Path]:
    """Return the files of the checkout that may be committed, by path: none that is hidden, installed or made."""
    return [
        path
        for path in sorted(ROOT.rglob(pattern))
        if path.is_file() and path.suffix not in (".pyc", ".mo") and not any(map(is_made, path.relative_to(ROOT).parts))
    ]


def is_made(part: str) -> bool:
    """Say whether a part of a path is of a directory that is not committed."""
    return part in ("__pycache__", "build") or part.endswith(".egg-info") or (part[0] == "." and part not in COMMITTED)


COMMITTED = (".ci", ".gitignore")


@cache
def layers() -> dict[str, int]:
    """Return the height of every app in the tree, by name, as the import contract says; siblings are as high."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (rows,) = (contract["layers"] for contract in contracts if contract["id"] == "layers")
    names = {place: row.replace("(", "").replace(")", "").split("|") for place, row in enumerate(reversed(rows))}
    return {name.strip(): place for place, row in names.items() for name in row}


def our_models() -> list[type[Model]]:
    """Return the models of the apps of this project."""
    return [model for model in apps.get_models() if app_of(model)]


def app_of(model: type[Model]) -> str:
    """Return the name of a model's app in the tree, "" for one from elsewhere."""
    package, _, app = model._meta.app_config.name.partition(".")
    return app if package == SOURCE.name else ""


def script(name: str) -> ModuleType:
    """Return `scripts/<name>.py` as a module."""
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def cells(path: Path, *, section: str = "") -> list[list[str]]:
    """Return the rows of the Markdown tables of a paper, or of one section of it: the text of each cell."""
    text = path.read_text(encoding="utf-8")
    if section:
        text = text.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if not all(set(cell) <= set("-: ") for cell in row)]
