"""Whether the API keeps to its OpenAPI document, whatever it is sent, and to one account."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from paydesk.web.api.table import OPERATIONS

HERE = Path(__file__).parent
EXAMPLES = os.environ.get("EXAMPLES", "10")

# 400 to 422: a schema can't say all. An amount that is not the order's, a reference that is taken,
# a record that has ended, a day that no calendar has; hooks.py sees that 400 means nothing worse.
CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = [200, 400, 404, 409, 422]

[auth.wfc]
path = "{users}"
peers = ["one", "another"]

[warnings]
enabled = false
"""


def user(name, credentials):
    pair = f"{credentials['api_key']}:{credentials['api_secret']}"
    value = "Basic " + base64.b64encode(pair.encode()).decode()
    return {"name": name, "fixedHeaders": [{"name": "Authorization", "value": value}]}


def test_no_answer_breaks_the_document_or_shows_another_account_s_records(server, tmp_path):
    # Merchants of their own: what they are made to change, other tests should not meet.
    users = [
        user("one", server.new_merchant()["test"]),
        user("another", server.new_merchant()["test"]),
    ]
    (tmp_path / "users.json").write_text(json.dumps({"auth": users}))
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.format(users=tmp_path / "users.json"))
    ran = subprocess.run(
        [
            *(Path(sys.executable).parent / "schemathesis", "--config-file", configuration),
            *("run", f"{server.base_url}/openapi.json", "--no-color"),
            *("--max-examples", EXAMPLES, "--seed", os.environ.get("SEED", "1")),
            *("--phases", "examples,coverage,fuzzing,stateful", "--checks", "all"),
            *("--continue-on-failure", "--generation-database", "none"),
        ],
        env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"Tested: {len(OPERATIONS)}" in ran.stdout


# Those that name a record are pasted with one in tests/test_docs.py.
MAKING = [
    one
    for one in OPERATIONS
    if one.example is not None
    and "{id}" not in one.path
    and not {"id", "payments"} & one.example.keys()
]


@pytest.mark.parametrize("operation", MAKING, ids=lambda one: f"{one.method} {one.path}")
def test_what_makes_something_works_as_pasted(server, operation):
    key = server.new_merchant()["test"]
    answer = httpx2.post(
        server.base_url + operation.path,
        json=dict(operation.example),
        auth=(key["api_key"], key["api_secret"]),
    )
    assert answer.status_code == 200, answer.text
