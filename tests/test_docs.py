"""Whether the documentation says what the program does."""

import ast
import dataclasses
import json
import re
import shutil
import subprocess

import httpx2
import pytest
import typer

from api_page import ask, example, shown_calls
from paydesk import checkouts, limits, orders, payments, threeds, transactions
from paydesk.cli.commands import commands
from paydesk.cli.programs import PROGRAMS
from paydesk.errors import Kind
from paydesk.kit import fields
from paydesk.kit.addresses import BadURL, Rule
from paydesk.kit.signing import sign_body
from paydesk.settings import Settings, variable
from paydesk.web.api.errors import CODES, OUR_FAULT
from paydesk.web.api.table import OPERATIONS
from paydesk.web.page.texts import FAULTS
from source import ROOT, calls, modules, refusals
from world import Payer, eventually

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def read(name):
    return (DOCS / f"{name}.md").read_text()


def rows(text):
    """The cells of every table row."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("|")
    ]


def block(text, language):
    return re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)[1]


# Links


def links(page):
    found = re.findall(r"\]\(([^)#]+)|src=\"([^\"]+)\"", page.read_text())
    return [inline or source for inline, source in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for link in links(page):
        assert link.startswith("https://") or (page.parent / link).exists(), link


def test_every_page_can_be_reached_from_the_readme():
    readme = (ROOT / "README.md").read_text()
    for page in DOCS.glob("*.md"):
        assert f"docs/{page.name}" in readme


@pytest.mark.parametrize("image", sorted(DOCS.rglob("*.png")), ids=lambda image: image.name)
def test_every_image_is_small_and_shown(image):
    assert image.stat().st_size < 120_000
    assert image in {(page.parent / link).resolve() for page in PAGES for link in links(page)}


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda p: p.stem)
def test_every_decision_has_context_decision_and_consequences(page):
    assert re.findall(r"^\*\*(.+?)\.\*\*", page.read_text(), re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
    ]


# States, limits, settings


@pytest.mark.parametrize(
    ("title", "moves"),
    [
        ("A checkout", checkouts.MOVES),
        ("An attempt to move money", transactions.MOVES),
        ("A payment", payments.MOVES),
        ("An authentication", threeds.MOVES),
        ("An order", orders.MOVES),
    ],
)
def test_the_states_are_those_of_the_table(title, moves):
    section = read("states").split(f"## {title}\n")[1].split("\n## ")[0]
    edges = [(state, step, move.to, move.announces or "") for (state, step), move in moves.items()]
    told = [tuple(cell.strip("`") for cell in row) for row in rows(section)[2:]]
    # Moves that announce nothing have no column for it.
    assert told == [edge[: len(told[0])] for edge in edges]
    drawn = re.findall(r"^ +(\w+) --> (\w+): (\w+)$", block(section, "mermaid"), re.MULTILINE)
    assert drawn == [(state, to, step) for state, step, to, _ in edges]
    explained = section.split("|\n\n")[-1] + section.split("```")[2].split("|")[0]
    for state in {state for state, *_ in edges} | {to for _, _, to, _ in edges}:
        assert f"`{state}`" in explained


def test_every_limit_is_there_with_its_value_and_a_reason():
    told = {row[0].strip("`"): row[1:] for row in rows(read("limits")) if row[0].startswith("`")}
    real = {name: value for name, value in vars(limits).items() if name.isupper()}
    assert told.keys() == real.keys()
    for name, value in real.items():
        shown, reason = told[name]
        assert shown == (f"{value:,}" if isinstance(value, int) else str(value)), name
        assert reason, name


def test_every_setting_is_there_with_its_default():
    told = {row[0].strip("`"): row[1:] for row in rows(read("settings")) if row[0].startswith("`")}
    real = {variable(field.name): field for field in dataclasses.fields(Settings)}
    assert told.keys() == real.keys()
    for name, field in real.items():
        default, meaning = told[name]
        if field.default not in {None, ()}:
            assert default == f"`{as_given(field.default)}`", name
        assert ("Secret." in meaning) == field.metadata["secret"], name


def as_given(value):
    """The text of a variable that would mean this value."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:g}" if isinstance(value, float | bool) else str(value)


# Errors


def test_every_code_is_there_in_order_of_checking():
    told = [row[:3] for row in rows(read("errors")) if re.fullmatch(r"\d{3}", row[0])]
    real = [CODES[kind] for kind in Kind] + [OUR_FAULT]
    assert told == [[code.code, str(code.status), code.message] for code in real]


def told_rules():
    """The sentences of each rule; a row without a rule goes on with the rule above."""
    told, rule = {}, ""
    for row in rows(read("errors")):
        if len(row) >= 2 and (row[0].startswith("`") or row[0] == ""):
            rule = row[0].strip("`") or rule
            told.setdefault(rule, []).append(row)
    return told


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.rule())
def test_every_refusal_is_there_with_its_sentence(refusal):
    told = told_rules()[refusal.rule()]
    assert refusal.sentence() in [row[-1] for row in told]


def field_rules():
    """Rule and sentence of every field check in the source, as syntax."""
    where = {"fault": 0, "add": 1, "Fault": 1, "_one_of": 0, "_matching": 1, "_numbers": 2}
    for name, tree in modules().items():
        if name == "settings.py":
            continue
        for called, call in calls(tree):
            at = where.get(called)
            if at is None or len(call.args) < at + 2:
                continue
            rule, sentence = call.args[at : at + 2]
            if isinstance(rule, ast.Constant) and isinstance(rule.value, str):
                yield rule.value, sentence


def words_of(sentence):
    """The fixed parts of a sentence."""
    if isinstance(sentence, ast.Constant):
        return [sentence.value]
    if isinstance(sentence, ast.JoinedStr):
        return [part.value for part in sentence.values if isinstance(part, ast.Constant)]
    return []


def test_every_rule_of_a_field_is_there_with_its_sentence():
    found = list(field_rules())
    assert len(found) > 20
    for rule, sentence in found:
        told = " ".join(row[-1] for row in told_rules()[rule])
        for part in words_of(sentence):
            assert part.strip() in told, rule


def test_every_rule_of_a_type_bound_or_address_is_there():
    told = {rule: " ".join(row[-1] for row in rows_) for rule, rows_ in told_rules().items()}
    for rule, sentence, _ in fields._TYPES.values():
        assert sentence in told[rule]
    for rule, sentence in fields._BOUNDS.values():
        for part in re.split(r"\{\w+\}", sentence):
            assert part.strip() in told[rule]
    for rule in Rule:
        assert str(BadURL(rule)) in told[rule]
    for rule in FAULTS:
        assert f"`{rule}`" in read("errors") or rule in told


def test_no_rule_is_told_that_does_not_exist():
    real = {refusal.rule() for refusal in refusals()} | {rule for rule, _ in field_rules()}
    real |= {rule for rule, *_ in [*fields._TYPES.values(), *fields._BOUNDS.values()]}
    assert told_rules().keys() - {""} <= real | set(Rule)


# Commands and events


def names_below(group, context):
    """The words of every command in a group and its groups."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from (f"{name} {below}" for below in names_below(command, context))
        else:
            yield name


def test_every_command_is_named():
    group = typer.main.get_command(commands)
    for name in [*names_below(group, typer.Context(group)), *PROGRAMS]:
        assert f"| `paydesk {name}` |" in read("start")


def test_every_event_is_explained():
    told = [row[0].strip("`") for row in rows(read("webhooks")) if row[0].startswith("`checkout.")]
    assert sorted(told) == sorted(checkouts.Event)


# The API, as a caller meets it


def shape(value):
    """What a value looks like, its content aside; a list by its first entry."""
    if isinstance(value, dict):
        return {name: shape(content) for name, content in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, str):
        known = re.match(r"(?:[a-z]{3}_|cs_test_|https?://|\d{4}-\d\d-\d\dT|\d+\.\d+$)", value)
        return f"text {known[0]}" if known and not value[0].isdigit() else "text"
    return type(value).__name__


@pytest.fixture(scope="module")
def newcomer(server):
    """A merchant whose record and lists no other test has touched."""
    return server.merchant_with(server.new_merchant("My shop")["test"])


@pytest.mark.parametrize("call", list(shown_calls()), ids=lambda call: f"{call.method} {call.path}")
def test_the_api_answers_as_its_page_says(newcomer, call):
    assert call.reply is not None, "each call shows its reply"
    answer = ask(newcomer, call)
    assert answer.status_code == 200, answer.text
    # Whether a list has another page depends on the calls before.
    same = {"next_cursor": None}
    assert shape(answer.json() | same) == shape(json.loads(call.reply) | same)
    # One overlap of secrets at a time.
    again = 409 if call.path == "/webhook-secret/rotate" else 200
    assert ask(newcomer, call, prefix="/1.0").status_code == again


def test_every_call_of_the_api_is_shown(server):
    shown = [(call.method, call.path) for call in shown_calls()]
    assert sorted(shown) == sorted((one.method, one.path) for one in OPERATIONS)
    for path in ("/health/live", "/health/ready"):
        assert f"GET {path}" in read("api")
        assert httpx2.get(server.base_url + path).status_code == 200


@pytest.mark.parametrize(
    "call",
    # A checkout is shown with all it may have, as the reference shows it.
    [call for call in shown_calls() if call.request and call.path != "/checkout/page"],
    ids=lambda call: call.path,
)
def test_the_page_s_request_is_the_one_of_the_openapi_document(call):
    shown = json.loads(call.request)
    given = example(call.method, call.path) or {}
    assert shown in (given, {"records": [given]})


def test_every_group_of_lookups_is_named(merchant):
    listed = merchant.http.get("/lookups").json()["lookups"]
    for group in {lookup["type"] for lookup in listed}:
        assert f"`{group}`" in read("api")


def test_an_error_looks_as_its_page_says(merchant):
    told = json.loads(block(read("errors"), "json"))
    (detail,) = told["error_details"]
    answer = merchant.http.post("/checkout/page", json=detail["record"]).json()
    (real,) = answer["error_details"]
    assert {**answer, "error_details": None} == {**told, "error_details": None}
    assert real["record"] == detail["record"]
    assert detail["errors"].items() <= real["errors"].items()


# Webhooks, as a receiver meets them


def test_a_webhook_looks_and_verifies_as_its_page_says(merchant, receiver):
    checkout = merchant.create(receiver.url)
    Payer(checkout).open().pay()
    (heard,) = eventually(lambda: receiver.about(checkout["id"]))
    assert shape(heard.json) == shape(json.loads(block(read("webhooks"), "json payload")))

    sample = {}
    exec(block(read("webhooks"), "python"), sample)
    secret = merchant.credentials["webhook_secret"]
    assert sample["is_genuine"](heard.body, heard.headers["X-Signature"], secret)
    assert not sample["is_genuine"](heard.body + b" ", heard.headers["X-Signature"], secret)
    assert sample["is_genuine"](b"{}", sign_body(b"{}", secret), secret)

    told = read("webhooks")
    ours = set(heard.headers) - {"Host", "Content-Length", "Accept", "Accept-Encoding"}
    for name in ours:
        assert f"`{name}`" in told, name


# The README, as a newcomer meets it


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's example needs curl")
def test_the_readme_s_example_works_verbatim(server):
    readme = (ROOT / "README.md").read_text()
    example = next(
        text for text in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if "curl" in text
    )
    kept = server.data / "credentials.json"
    ran = subprocess.run(
        ["sh", "-eu", "-c", example.replace("var/demo/credentials.json", str(kept))],
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(ran.stdout)
    assert answer["status"] is True
    assert httpx2.get(answer["result"]["page_url"]).status_code == 200


def test_the_readme_names_make_s_two_commands_first():
    readme = (ROOT / "README.md").read_text()
    first = block(readme, "sh")
    assert re.findall(r"^make (\w+)", first, re.MULTILINE) == ["run", "test"]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for page in PAGES:
        for name in re.findall(r"`make ([\w-]+)|^make ([\w-]+)", page.read_text(), re.MULTILINE):
            assert "".join(name) in targets
