"""The one registry that higher apps fill in: what keys to a unit do, and what must go with a change of structure.

A key *follows* when its open rows go to the heir of a unit that ends, and *stays* when they are kept where they
were. A companion is a context that a change of structure runs inside of, in its own transaction.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal

from trienkhai.audit.operations import Entry

Companion = Callable[[Entry], AbstractContextManager[None]]

keys: dict[tuple[str, str], Literal["follows", "stays"]] = {}
companions: list[Companion] = []


def register_key(model: str, field: str, rule: Literal["follows", "stays"]) -> None:
    """Say what the rows of `app.Model` do when the unit that their key `field` points to is succeeded."""
    keys[model, field] = rule


def register_companion(companion: Companion) -> None:
    """Make every change of structure run inside `companion(entry)`."""
    companions.append(companion)
