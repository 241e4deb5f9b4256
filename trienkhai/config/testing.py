"""The pytest plugin that gives a test session its own database server and its own environment.

It is named in `addopts`, because pytest-django reads the settings before any conftest is loaded. With
pytest-xdist only the controller starts the server; its workers inherit the environment.
"""

import contextlib
import os
import tempfile
from collections.abc import Generator

import pytest

from trienkhai.config import environment
from trienkhai.core import embedded


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Start a throw-away server and set the environment, before the settings are read."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        stack = contextlib.ExitStack()
        early_config.add_cleanup(stack.close)
        cluster = stack.enter_context(embedded.throw_away())
        files = stack.enter_context(tempfile.TemporaryDirectory(prefix="trienkhai-files-"))
        for name in [name for name in os.environ if name.startswith((environment.PREFIX, "DATABASE_"))]:
            del os.environ[name]
        os.environ |= {
            "DATABASE_URL": cluster.url(embedded.OWNER),
            "DATABASE_OWNER_URL": cluster.url(embedded.OWNER),
            "TRIENKHAI_SECRET_KEY": "only-for-tests-" * 4,
            "TRIENKHAI_HOSTS": "testserver,localhost,127.0.0.1",
            "TRIENKHAI_HTTPS": "no",
            "TRIENKHAI_DEVELOPMENT": "yes",
            "TRIENKHAI_FILES": files,
        }
    return (yield)
