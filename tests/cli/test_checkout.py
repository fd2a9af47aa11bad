"""A shop's first day from the terminal: a checkout, a refund, the books as a table."""

import csv
import io
import json
import re

import pytest
from typer.testing import CliRunner

from paydesk.cli.commands import commands
from paydesk.cli.export import _cell
from paydesk.cli.faults import CommandFault
from world import DECLINED, Payer


@pytest.fixture
def run(server):
    """Runs a command on the server's data; a fault of the command's comes out as it is raised."""

    def call(*arguments):
        ran = CliRunner().invoke(commands, [*arguments, "--data", str(server.data)])
        if ran.exception and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        assert ran.exit_code == 0, ran.output
        return ran.stdout.strip()

    return call


def paid(run, reference):
    """The transaction of a checkout made and paid under this reference."""
    page_url = run("checkout", "create", "--amount", "10", "--reference", reference)
    assert Payer({"page_url": page_url}).open().pay().state == "paid"


def exported(text):
    return {row["transaction_reference"]: row for row in csv.DictReader(io.StringIO(text))}


def test_a_checkout_made_at_the_terminal_is_paid_refunded_and_exported(run, tmp_path):
    paid(run, "DAY-ONE")
    said = run("refund", "DAY-ONE", "--amount", "4")
    transaction_id = re.search(r"Refunded ZAR 4\.00 of (tra_\w{26}); in all 4\.00", said)[1]
    assert "Refunded ZAR 6.00" in run("refund", transaction_id)

    run("export", "transactions", "--csv", "--output", str(tmp_path / "t.csv"))
    row = exported((tmp_path / "t.csv").read_text())["DAY-ONE"]
    assert row["id"] == transaction_id
    assert (row["currency"], row["amount"], row["amount_refunded"]) == ("ZAR", "10.00", "10.00")
    assert (row["transaction_status"], row["card_ending"]) == ("REFUNDED", "4242")
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_what_became_of_a_checkout_is_shown_with_each_attempt(run):
    page_url = run("checkout", "create", "--amount", "10", "--reference", "SHOWN")
    payer = Payer({"page_url": page_url}).open()
    payer.pay(number=DECLINED)
    checkout_id = exported(run("export", "transactions"))["SHOWN"]["checkout_id"]
    first, attempt = run("checkout", "show", checkout_id).splitlines()
    assert first == f"{checkout_id}  ZAR 10.00  open"
    assert re.fullmatch(r"tra_\w{26}  \w+ 0002  DECLINED  declined_generic", attempt)


def test_no_cell_is_a_formula(run):
    paid(run, '=cmd("x")')
    assert '\'=cmd("x")' in exported(run("export", "transactions"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ORD-5", "ORD-5"),
        ("tea; cake", "tea; cake"),
        ("-5.00", "'-5.00"),
        (" =1", "' =1"),
        ("\t1", "'\t1"),
        ("a;=1", "a;'=1"),
        ('a; "=1";@b', "a;' \"=1\";'@b"),
        ("a\t+1", "a\t'+1"),
        ("a\n=1", "a\n'=1"),
        ("\x1b[2J=1\x00\x9b", "[2J=1"),
        ("\x1b=1", "'=1"),
        (None, ""),
    ],
)
def test_a_cell_can_t_begin_a_formula_nor_move_the_cursor(text, shown):
    assert _cell(text) == shown


def test_a_day_without_transactions_is_a_table_without_rows(run):
    said = run("export", "transactions", "--from", "2001-01-01", "--until", "2001-01-01")
    assert said.startswith("id,created_at,")
    assert exported(said) == {}


def test_an_export_that_is_refused_prints_nothing(server, tmp_path):
    def refused(*words):
        ran = CliRunner().invoke(commands, ["export", "transactions", *words])
        assert ran.exit_code != 0
        assert ran.stdout == ""
        return ran

    for option in ("--from", "--until"):
        ran = refused(option, "01/01/2026", "--data", str(server.data))
        assert f"'{option}': A day is written 2026-01-31." in ran.stderr
    away = {**server.credentials(), "base_url": "http://127.0.0.1:9"}
    (tmp_path / "credentials.json").write_text(json.dumps(away))
    assert isinstance(refused("--data", str(tmp_path)).exception, CommandFault)


def test_a_live_account_says_that_it_has_no_acquirer(run):
    with pytest.raises(CommandFault, match="This live account has no acquirer yet"):
        run("checkout", "create", "--amount", "10", "--live")


def test_a_refusal_is_told_by_field(run):
    with pytest.raises(CommandFault, match=r"\namount: An amount is written in digits"):
        run("checkout", "create", "--amount", "ten")
    with pytest.raises(CommandFault, match=r"\(007\)"):
        run("refund", "nowhere")


def test_a_folder_without_keys_is_told(tmp_path):
    ran = CliRunner().invoke(commands, ["refund", "tra_1", "--data", str(tmp_path)])
    assert isinstance(ran.exception, CommandFault)
    assert "Name the data folder with --data" in str(ran.exception)


def test_a_server_that_is_away_is_told(server, tmp_path):
    kept = {**server.credentials(), "base_url": "http://127.0.0.1:9"}
    (tmp_path / "credentials.json").write_text(json.dumps(kept))
    ran = CliRunner().invoke(commands, ["refund", "tra_1", "--data", str(tmp_path)])
    assert isinstance(ran.exception, CommandFault)
    assert "does not answer" in str(ran.exception)
    assert "paydesk serve" in str(ran.exception)
