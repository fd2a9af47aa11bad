import json

import pytest
from typer.testing import CliRunner

from paydesk.cli.commands import commands
from paydesk.cli.faults import CommandFault
from paydesk_client import sign_form


@pytest.fixture
def data(tmp_path):
    key = {"api_key": "key_1", "api_secret": "x"}
    made = {mode: {**key, "webhook_secret": f"whsec_{mode}"} for mode in ("test", "live")}
    made["base_url"] = "http://127.0.0.1:9"
    (tmp_path / "credentials.json").write_text(json.dumps(made))
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(commands, ["form", "sign", *map(str, arguments)])


def test_a_form_is_signed_with_the_account_s_secret(data):
    inputs = {"public_key": "pk", "amount": "12.00", "order_description": "a=b & c"}
    arguments = [f"{name}={text}" for name, text in inputs.items()]
    assert run("--data", data, *arguments).stdout == sign_form(inputs, "whsec_test") + "\n"
    signed = run("--data", data, "--live", *arguments).stdout
    assert signed == sign_form(inputs, "whsec_live") + "\n"


def test_it_is_told_that_a_signature_alone_protects_nothing(server):
    merchant = server.merchant()
    arguments = ("--data", server.data, "amount=12.00")
    assert "a payer can take the signature out" in run(*arguments).stderr
    policies = {"signed_forms_only": True}
    assert merchant.http.post("/merchant", json={"policies": policies}).status_code == 200
    try:
        assert run(*arguments).stderr == ""
    finally:
        merchant.http.post("/merchant", json={"policies": {"signed_forms_only": False}})


def test_what_is_no_input_is_refused(data):
    fault = run("--data", data, "amount").exception
    assert isinstance(fault, CommandFault)
    assert str(fault) == "An input is written as name=value, unlike amount."


def test_a_folder_without_credentials_is_told(tmp_path):
    fault = run("--data", tmp_path, "a=b").exception
    assert isinstance(fault, CommandFault)
    assert "credentials.json" in str(fault)
