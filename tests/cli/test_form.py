import json

import pytest
from typer.testing import CliRunner

from paydesk.cli.commands import commands
from paydesk.cli.faults import CommandFault
from paydesk_client import sign_form


@pytest.fixture
def data(tmp_path):
    made = {mode: {"webhook_secret": f"whsec_{mode}"} for mode in ("test", "live")}
    (tmp_path / "credentials.json").write_text(json.dumps(made))
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(commands, ["form", "sign", *map(str, arguments)])


def test_a_form_is_signed_with_the_account_s_secret(data):
    inputs = {"public_key": "pk", "amount": "12.00", "order_description": "a=b & c"}
    arguments = [f"{name}={text}" for name, text in inputs.items()]
    assert run("--data", data, *arguments).output == sign_form(inputs, "whsec_test") + "\n"
    signed = run("--data", data, "--live", *arguments).output
    assert signed == sign_form(inputs, "whsec_live") + "\n"


def test_what_is_no_input_is_refused(data):
    fault = run("--data", data, "amount").exception
    assert isinstance(fault, CommandFault)
    assert str(fault) == "An input is written as name=value, unlike amount."


def test_a_folder_without_credentials_is_told(tmp_path):
    fault = run("--data", tmp_path, "a=b").exception
    assert isinstance(fault, CommandFault)
    assert "credentials.json" in str(fault)
