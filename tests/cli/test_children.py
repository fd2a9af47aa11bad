import os
import signal
import sys
import time

import pytest

from paydesk.cli.children import Children, Program

ENDLESS = "import time; time.sleep(60)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture
def told():
    return []


@pytest.fixture
def children(tmp_path, told):
    with (tmp_path / "log").open("ab") as log:
        children = Children(log, told.append)
        yield children
        children.stop(children.names(), seconds=1)


def program(code, name="child", **environment):
    return Program(name=name, command=(sys.executable, "-c", code), environment=environment)


def until(is_so, seconds=60):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_killed_child_is_started_again(children, told):
    children.start(program(ENDLESS))
    first = children.pid("child")
    os.kill(first, signal.SIGKILL)

    def is_back():
        children.tend()
        return children.pid("child") != first

    until(is_back)
    assert told == ["child was killed by SIGKILL and is started again."]


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(children, told):
    children.start(program("raise SystemExit(3)"))
    began = time.monotonic()

    def has_died_four_times():
        children.tend()
        return len(told) == 4

    until(has_died_four_times)
    assert told[0] == "child ended with code 3 and is started again."
    assert time.monotonic() - began > 0.2 + 0.4 + 0.8


def test_a_stopped_child_stays_stopped(children, told):
    children.start(program(ENDLESS))
    children.stop(["child", "never-started"], seconds=5)
    children.tend()
    assert children.names() == told == []


def test_a_child_that_ignores_the_request_is_ended_by_force(children, told, tmp_path):
    children.start(program(STUBBORN))
    until(lambda: "up" in (tmp_path / "log").read_text())
    began = time.monotonic()
    children.stop(["child"], seconds=0.2)
    assert time.monotonic() - began < 30
    assert told == ["child does not stop and is ended by force."]


def test_a_child_gets_its_own_environment_and_only_the_named_descriptors(children, tmp_path):
    secret = (tmp_path / "secret").open("ab")
    with secret:
        code = f"import os; print(sorted(os.environ)); os.fstat({secret.fileno()})"
        children.start(program(code, ONLY="this"))
        until(lambda: "Bad file descriptor" in (tmp_path / "log").read_text())
    said = (tmp_path / "log").read_text()
    assert "'ONLY'" in said
    assert "'HOME'" not in said
