"""What lets a page reach the stream: its policy, its frame, the process that serves it."""

import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from trienkhai.core import supervisor


@pytest.mark.parametrize(
    ("port", "sources"),
    [
        ("8001", "'self' localhost:8001 *.example.org:8001"),
        ("0", "'self'"),
    ],
)
def test_a_page_may_connect_to_the_stream_and_nowhere_else(port, sources):
    asked = "print(*settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['connect-src'])"
    environment = {"TRIENKHAI_LIVE_PORT": port, "TRIENKHAI_HOSTS": "localhost,.example.org"}

    answer = subprocess.run(
        [sys.executable, "-c", f"from trienkhai.config import settings; {asked}"],
        env=os.environ | environment, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert answer.stdout.strip() == sources


@pytest.mark.parametrize(("port", "is_said"), [(8001, True), (0, False)])
def test_a_page_says_where_the_stream_is_if_it_is_not_at_its_own_address(settings, port, is_said):
    settings.LIVE_PORT = port
    request = RequestFactory().get("/x")
    request.user = AnonymousUser()

    html = render_to_string("404.html", {}, request)

    assert ('data-live-port="8001"' in html) is is_said


@pytest.mark.parametrize(("port", "told"), [(8001, {"TRIENKHAI_LIVE_PORT": "8001"}), (None, {})])
def test_web_is_told_where_the_stream_is_unless_a_proxy_joins_them(port, told):
    process = supervisor.web(host="127.0.0.1", port=8000, workers=1, threads=1, live_port=port)

    assert process.environment == told
