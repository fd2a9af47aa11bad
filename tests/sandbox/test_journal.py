"""What a sandbox program's file of lines withstands."""

import os

import pytest

from paydesk.sandbox.journal import Journal


def test_what_was_written_is_read_again(tmp_path):
    journal = Journal(tmp_path / "deep" / "acquirer.jsonl")
    journal.write({"reference": "ref_1"})
    journal.write({"reference": "réf\n2"})

    entries = Journal(tmp_path / "deep" / "acquirer.jsonl").entries()

    assert entries == [{"reference": "ref_1"}, {"reference": "réf\n2"}]


@pytest.mark.parametrize(
    ("found", "kept"),
    [(b'{"a": 1}\n{"a"', [{"a": 1}]), (b'{"a"', []), (b"", []), (b'{"a": 1}\n', [{"a": 1}])],
)
def test_a_line_cut_short_is_dropped_at_start(tmp_path, found, kept):
    path = tmp_path / "acquirer.jsonl"
    path.write_bytes(found)

    journal = Journal(path)

    assert journal.entries() == kept
    journal.write({"a": 2})
    assert journal.entries() == [*kept, {"a": 2}]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "acquirer.jsonl")
    journal.write({"a": 1})
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:3]))

    with pytest.raises(OSError, match="No space"):
        journal.write({"a": 2})

    assert journal.entries() == [{"a": 1}]
