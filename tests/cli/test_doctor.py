import socket

import pytest

from paydesk.cli import data_folder, doctor
from paydesk.cli.doctor import Mark, examine
from paydesk.invoices import has_letters
from paydesk.languages import LANGUAGES
from paydesk.settings import Settings


def findings(settings=None, *, data, port=0):
    return list(examine(settings or Settings(), data, port=port))


def failures(found):
    return [finding for finding in found if finding.mark is Mark.FAIL]


def test_a_machine_before_the_first_start_is_fine(tmp_path):
    assert failures(findings(data=tmp_path / "new")) == []


def test_it_tells_in_which_languages_pdfs_are(tmp_path):
    (told,) = (one for one in findings(data=tmp_path / "new") if "PDF" in one.text)
    assert told.mark is Mark.OK
    assert ("中文" in told.text) is not has_letters(LANGUAGES["zh"])
    assert "Afrikaans" not in told.text


def test_a_key_open_to_others_is_named_with_the_command_that_closes_it(tmp_path):
    data = data_folder.open_data(tmp_path / "data")
    data_folder.make_keys(data)
    (data / "credentials.json").write_text("{}")
    path = data_folder.key_file(data, "page_key")
    path.chmod(0o644)
    (failure,) = failures(findings(data=data))
    assert failure.text == f"{path} is open to others."
    assert failure.mend == f"Run: chmod 600 {path}"


def test_a_lost_key_is_found(tmp_path):
    data = data_folder.open_data(tmp_path / "data")
    data_folder.make_keys(data)
    (data / "credentials.json").write_text("{}")
    data_folder.key_file(data, "vault_key").unlink()
    (failure,) = failures(findings(data=data))
    assert "vault.key is missing" in failure.text


def test_a_database_out_of_reach_is_found(tmp_path):
    settings = Settings(database_url="postgresql://a:b@127.0.0.1:1/c")
    (failure,) = failures(findings(settings, data=tmp_path / "new"))
    assert "can't be reached" in failure.text
    assert "PAYDESK_DATABASE_URL" in failure.mend


def test_a_folder_that_cannot_be_used_is_found(tmp_path):
    (tmp_path / "file").write_text("")
    (failure,) = failures(findings(data=tmp_path / "file" / "data"))
    assert "can't be written to" in failure.text


def test_a_taken_port_is_found(tmp_path, taken_port):
    (failure,) = failures(findings(data=tmp_path / "new", port=taken_port))
    assert failure.text == f"port {taken_port}: Address already in use."


@pytest.mark.parametrize(
    ("is_swap_on", "can_lock", "mark"),
    [(False, False, Mark.OK), (True, True, Mark.OK), (True, False, Mark.WARN)],
)
def test_memory_that_may_be_swapped_is_warned_of(tmp_path, monkeypatch, is_swap_on, can_lock, mark):
    monkeypatch.setattr(doctor, "is_swap_on", lambda: is_swap_on)
    monkeypatch.setattr(doctor, "can_lock_memory", lambda: can_lock)
    data = tmp_path / "new"
    (finding,) = [f for f in findings(data=data) if "swap" in f.text.replace(str(data), "")]
    assert finding.mark is mark
    assert ("LimitMEMLOCK" in finding.mend) == (mark is Mark.WARN)


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
