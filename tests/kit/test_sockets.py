import stat

import pytest

from paydesk.kit.sockets import socket_folder, socket_path


def test_a_short_path_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("paydesk.limits.SOCKET_PATH_BYTES_MAX", 200)
    folder = socket_folder(tmp_path / "run")
    assert folder == tmp_path / "run"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_long_path_gets_a_short_folder_and_keeps_it(tmp_path):
    wished = tmp_path / ("long" * 25)
    folder = socket_folder(wished)
    assert len(str(folder)) < 30
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert socket_folder(wished) == folder
    folder.rmdir()
    other = socket_folder(wished)
    assert other != folder
    other.rmdir()


def test_a_path_that_needs_quoting_gets_a_short_folder(tmp_path):
    folder = socket_folder(tmp_path / "a b,c")
    assert folder.parent.name == "tmp"
    folder.rmdir()


@pytest.mark.parametrize(
    "url", ["", "/run/v.sock", "unix:", "unix:v.sock", "http://x", "unix:/" + "x" * 120]
)
def test_an_address_that_is_no_socket_s_is_refused(url):
    with pytest.raises(ValueError, match="such as unix:/"):
        socket_path(url)
