import os
import stat

import pytest

from paydesk.cli import data_folder
from paydesk.cli.data_folder import DataFault, Running


def test_the_first_start_makes_keys_that_stay(tmp_path):
    data = data_folder.open_data(tmp_path / "new" / "data")
    data_folder.make_keys(data)
    kept = {name: data_folder.read_key(data, name) for name in data_folder.KEYS}
    assert {len(key) for key in kept.values()} == {32}
    assert len(set(kept.values())) == 3
    data_folder.make_keys(data)
    assert {name: data_folder.read_key(data, name) for name in data_folder.KEYS} == kept


def test_keys_are_for_their_owner_only(tmp_path):
    data = data_folder.open_data(tmp_path / "data")
    data_folder.make_keys(data)
    for name in data_folder.KEYS:
        assert stat.S_IMODE(data_folder.key_file(data, name).stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)


def test_a_key_lost_later_is_not_replaced(tmp_path):
    data = data_folder.open_data(tmp_path / "data")
    data_folder.make_keys(data)
    (data / "credentials.json").write_text("{}")
    data_folder.key_file(data, "vault_key").unlink()
    with pytest.raises(DataFault, match=r"vault\.key is missing"):
        data_folder.make_keys(data)


def test_one_serve_at_a_time_uses_a_folder(tmp_path):
    data = data_folder.open_data(tmp_path / "data")
    running = Running(7, 8000, "http://127.0.0.1:8000", "unix:v", "http://127.0.0.1:9")
    with data_folder.lock(data):
        data_folder.note_running(data, running)
        assert data_folder.find_running(data) == running
        with pytest.raises(DataFault, match="Another paydesk serve"):
            data_folder.lock(data)
    assert data_folder.find_running(data) is None


def test_a_file_in_the_folders_place_is_told(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(DataFault, match="can't be used"):
        data_folder.open_data(tmp_path / "data")
