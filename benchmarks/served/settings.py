"""The settings of the site; only routes are added."""

from trienkhai.config.settings import *  # noqa: F403 (the same in everything else)

ROOT_URLCONF = "benchmarks.served.urls"
