"""The master key is changed while payments go on, killed on the way and run again."""

from rewrap import run
from world import Server


def test_no_payment_fails_while_the_master_key_changes(open_folder):
    server = Server(open_folder() / "data").start()
    try:
        states, (_, (_, said), retired), _ = run(server, 3_000, killed_after=1.2)
    finally:
        server.stop()
    assert len(states) >= 20
    assert set(states) == {"paid"}
    assert "wrapped under version 2" in said
    assert "version 1" in retired
