"""How a process of this installation starts: its environment, its database, Django."""

import contextlib
import os
from collections.abc import Iterator
from typing import Literal

import django
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from trienkhai.config import environment
from trienkhai.core import embedded


@contextlib.contextmanager
def instance(*, role: Literal["application", "owner"] = "application") -> Iterator[None]:
    """Set up Django for the time of the block, connected as the application's role or as the owner's.

    Reads the instance's file; without a DATABASE_URL it runs the embedded server, whose addresses it puts into
    the environment for this process and its children.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(server())
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trienkhai.config.settings")
        django.setup()
        stack.callback(connections.close_all)
        if role == "owner":
            stack.enter_context(as_owner())
        yield


@contextlib.contextmanager
def server() -> Iterator[None]:
    """Load the instance's file and, without a DATABASE_URL, run the embedded server for the time of the block."""
    environment.load_instance()
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        yield
        return
    with embedded.running() as cluster:
        addresses = {"DATABASE_URL": cluster.url(), "DATABASE_OWNER_URL": cluster.url(embedded.OWNER)}
        os.environ.update(addresses)
        try:
            yield
        finally:
            for name in addresses:
                os.environ.pop(name, None)


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """Connect this thread as the role that owns the tables, to migrate; the database stays the same.

    Raises ImproperlyConfigured if DATABASE_OWNER_URL is not set.
    """
    try:
        owner = environment.database("DATABASE_OWNER_URL")
    except ImproperlyConfigured as error:
        raise ImproperlyConfigured(f"{error} It is needed to change tables.") from None
    connection = connections["default"]
    kept = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update({name: owner[name] for name in ("USER", "PASSWORD", "HOST", "PORT")})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)
