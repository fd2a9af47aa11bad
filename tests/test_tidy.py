"""Whether the source keeps the rules that no linter knows."""

import ast
import contextlib
import io
import re
import subprocess
import sys
import tokenize

import pytest

from paydesk import limits
from source import ROOT, SOURCE, calls, modules, refusals

TEXTS = sorted(
    path
    for folder in ("src", "tests", "bench", "docs", "scripts")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".sql", ".html", ".css", ".js", ".md", ".sh", ""} and path.is_file()
)
MONEY = re.compile(
    r"kit/(money|moves)\.py|(orders|checkouts|transactions|invoices|ledger|connectors)/.*"
)
BANNED = {"utils", "helpers", "common", "base", "misc", "manager", "service", "handlers", "core"}
CONCEPTS = {
    path.name for path in SOURCE.iterdir() if (path / "store.py").exists() or path.name == "ledger"
}


def imports(tree):
    """The full names of everything a module imports from the package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("paydesk"):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("paydesk"))


def comments(text):
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.lstrip("# ")


def test_no_float_comes_near_money():
    paths = [name for name in modules() if MONEY.fullmatch(name)]
    assert "kit/money.py" in paths
    for name in paths:
        for node in ast.walk(modules()[name]):
            is_float = isinstance(node, ast.Name) and node.id == "float"
            is_float |= isinstance(node, ast.Constant) and isinstance(node.value, float)
            # What is divided by / is a float from then on.
            is_float |= isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            assert not is_float, f"{name}:{node.lineno}"


def test_only_the_settings_read_the_environment():
    for name, tree in modules().items():
        reads = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"}
        ]
        assert name == "settings.py" or not reads, f"{name}:{reads}"


def test_files_are_named_by_a_question_or_a_verb():
    folders_and_files = {part for name in modules() for part in name.removesuffix(".py").split("/")}
    assert not folders_and_files & BANNED


def test_nothing_is_left_to_do():
    assert ROOT / "src/paydesk/app.py" in TEXTS
    # Put together, so that this file passes too. A plan may stay if it names its issue.
    fix, plan = "FIX" + "ME", "TO" + "DO"
    for path in TEXTS:
        for line in path.read_text(errors="replace").splitlines():
            assert fix not in line, f"{path}: {line}"
            assert plan not in line or re.search(r"#\d+", line), f"{path}: {line}"


def test_no_merge_is_left_half_done():
    marks = ("<" * 7 + " ", ">" * 7 + " ")
    assert ROOT / "docs/divergences.md" in TEXTS
    for path in TEXTS:
        for line in path.read_text(errors="replace").splitlines():
            assert not line.startswith(marks), f"{path}: {line}"


def commented_out(name):
    statement = re.compile(r"(return|import|from|raise|assert|if|for|while|def|class|await)\b.*")
    assignment = re.compile(r"[\w.\[\]]+ [+-]?= .+|[\w.]+\(.*\)")
    for comment in comments((SOURCE / name).read_text()):
        if statement.fullmatch(comment) or assignment.fullmatch(comment):
            with contextlib.suppress(SyntaxError):
                ast.parse(comment)
                yield comment


def test_no_code_is_commented_out():
    assert {name: found for name in modules() if (found := list(commented_out(name)))} == {}


@pytest.mark.parametrize("refusal", refusals(), ids=lambda refusal: refusal.rule())
def test_every_refusal_is_a_sentence_of_its_own(refusal):
    assert refusal.__doc__, "its docstring is what people read"
    assert re.fullmatch(r"[A-Z].*\.", refusal.sentence())


def test_every_limit_is_used():
    used = {
        node.attr
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }
    assert {name for name in vars(limits) if name.isupper()} <= used


def test_every_module_says_which_question_it_answers():
    for name, tree in modules().items():
        said = ast.get_docstring(tree) or ""
        assert not tree.body or said.endswith((".", "?")), name


# The pool's connections are not reset (db/connection.py), so no session state may be left on one.
SESSION_STATE = re.compile(
    r"^\s*(?:set\s+(?:session\b|role\b|[a-z_.]+\s*(?:=|to\b))|listen\s+\S+\s*$|prepare\s+\w+\s+as)"
    r"|\bpg_(?:try_)?advisory_lock|\bset_config\((?!.*, true\))|\bcreate\s+temp"
    r"|\bdeclare\s+\w+\s+cursor",
    re.IGNORECASE,
)
# These open a connection of their own and close it.
OWN_CONNECTIONS = {"db/migrate.py", "cli/first_start.py", "db/listen.py"}


def test_no_session_state_is_left_on_a_pooled_connection():
    for name in modules().keys() - OWN_CONNECTIONS:
        for node in ast.walk(modules()[name]):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not SESSION_STATE.search(node.value), f"{name}:{node.lineno}"
        for called, call in calls(modules()[name]):
            assert called not in {"add_listener", "set_type_codec"}, f"{name}:{call.lineno}"


@pytest.mark.parametrize(
    ("statement", "leaves_state"),
    [
        ("set search_path to a", True),
        ("SET statement_timeout = 0", True),
        ("set role other", True),
        ("listen channel", True),
        ("select pg_advisory_lock(1)", True),
        ("select set_config('a', 'b', false)", True),
        ("select set_config('a', 'b', true)", False),
        ("select pg_advisory_xact_lock(1)", False),
        ("set local lock_timeout = 1", False),
        ("update checkouts set state = $1", False),
    ],
)
def test_session_state_is_told_from_what_ends_with_its_transaction(statement, leaves_state):
    assert bool(SESSION_STATE.search(statement)) == leaves_state


def test_a_package_s_store_and_states_are_its_own():
    for name, tree in modules().items():
        for imported in imports(tree):
            found = re.match(r"paydesk\.(\w+)\.(store|states)\b", imported)
            if found and found[1] in CONCEPTS:
                assert found[1] == name.split("/")[0], f"{name} imports {imported}"


def test_a_web_process_loads_nothing_it_does_not_serve_with():
    asked = "import paydesk.web.asgi, sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    foreign = re.compile(
        r"typer|typst|playwright|httpx|paydesk_client|paydesk\.(?:cli|worker|vault|sandbox)\b"
    )
    assert [name for name in ran.stdout.split() if foreign.match(name)] == []
