import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trienkhai.core.errors import DomainError
from trienkhai.core.supervisor import Process, check_port, run


def python(name: str, code: str, *arguments: object) -> Process:
    return Process(name, (sys.executable, "-c", code, *map(str, arguments)))


def wait_for(condition) -> bool:
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


SLEEP = "import time; time.sleep(60)"
# A process with a worker of its own, which would outlive it if nobody ended the group.
WITH_WORKER = """
import pathlib, subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
file = pathlib.Path(sys.argv[1]); made = file.with_suffix(".new")
made.write_text(str(worker.pid)); made.rename(file)
time.sleep(60)
"""


def test_the_first_process_that_ends_stops_the_others_and_is_named():
    said = []

    code = run([python("sleeper", SLEEP), python("breaker", "raise SystemExit(3)")], say=said.append)

    assert code == 3
    assert len(said) == 1
    assert "breaker" in said[0]
    assert "3" in said[0]


def test_a_process_that_ends_well_has_still_ended_too_early():
    assert run([python("brief", "")], say=[].append) == 1


def test_the_workers_of_a_process_are_stopped_with_it(tmp_path):
    file = tmp_path / "pid"

    run([python("leader", WITH_WORKER, file)], started=file.exists, ready=lambda: os.kill(os.getpid(), signal.SIGTERM))

    assert wait_for(lambda: not is_alive(int(file.read_text())))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_and_counts_as_success(number):
    code = run([python("sleeper", SLEEP)], ready=lambda: os.kill(os.getpid(), number))

    assert code == 0


def test_no_process_outlives_a_supervisor_that_was_killed(tmp_path):
    file = tmp_path / "pid"
    write = f"import os; open({str(file)!r}, 'w').write(str(os.getpid())); {SLEEP}"
    code = f"""
import sys
from trienkhai.core.supervisor import Process, run
run([Process("sleeper", (sys.executable, "-c", {write!r}))])
"""
    supervisor = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    assert wait_for(lambda: file.exists() and file.read_text() != "")

    supervisor.kill()
    supervisor.wait()

    assert wait_for(lambda: not is_alive(int(file.read_text())))


def test_a_port_that_is_taken_is_refused_with_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(DomainError, match=str(port)):
            check_port("127.0.0.1", port)
