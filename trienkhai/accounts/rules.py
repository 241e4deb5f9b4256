"""What a token looks like, and the one password that everybody may know."""

import hashlib
import secrets
from typing import Final

DEMONSTRATION_PASSWORD: Final = "trien-khai-2021"  # noqa: S105 (it opens made-up data only, and is printed)

TOKEN_PREFIX: Final = "tk_"  # noqa: S105 (what a leaked token is recognised by)
TOKEN_DAYS: Final = 90
"""For how long a token holds unless another day is asked for."""
LONGEST_TOKEN_DAYS: Final = 366


def new_token() -> str:
    """Return a fresh token: 256 bits of chance, so that a plain hash of it cannot be reversed."""
    return f"{TOKEN_PREFIX}{secrets.token_urlsafe(32)}"


def digest_of(token: str) -> str:
    """Return the SHA-256 by which a token is recognised, in hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def hint_of(token: str) -> str:
    """Return the first characters, by which people tell their tokens apart."""
    return token[: len(TOKEN_PREFIX) + 6]
