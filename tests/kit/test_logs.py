import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from paydesk.kit.logs import mask
from paydesk.kit.page_tokens import page_token

# Test numbers that brands and processors publish.
CARDS = [
    "4242424242424242",
    "4000000000000002",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
    "6304000000000000",
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    "4242+4242+4242+4242",
    "3782 822463 10005",
]


def masked(**entry: Any) -> Any:
    return mask(None, "info", entry)


def logged(*lines: str) -> list[dict[str, Any]]:
    """What a program of its own prints on standard error."""
    start = "import structlog; from paydesk.kit.logs import configure_logs"
    program = "\n".join([start, *lines])
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_an_entry_is_one_line_of_json_with_program_level_and_time() -> None:
    (entry,) = logged(
        "configure_logs('info', 'web')",
        "structlog.get_logger().debug('unseen')",
        "structlog.get_logger().info('paid', transaction='tra_1', lines='a\\nb')",
    )
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "paid",
        "level": "info",
        "lines": "a\nb",
        "program": "web",
        "transaction": "tra_1",
    }


def test_a_card_number_in_an_exception_is_masked() -> None:
    (entry,) = logged(
        "configure_logs('info', 'web')",
        "try:",
        "    raise ValueError('no such card: 4242 4242 4242 4242')",
        "except ValueError:",
        "    structlog.get_logger().exception('broken')",
    )
    assert "no such card: [card number]" in entry["exception"]
    assert "4242" not in entry["exception"]


@pytest.mark.parametrize("number", CARDS)
@pytest.mark.parametrize("around", ["{}", "card {} declined", "number={}&x=1", "[{}]", "'{}',"])
def test_a_card_number_is_masked_within_any_text(number: str, around: str) -> None:
    entry = masked(event=around.format(number), deep={"list": [(around.format(number),)]})
    expected = around.format("[card number]")
    assert entry == {"event": expected, "deep": {"list": [[expected]]}}


@pytest.mark.parametrize("mode", ["test", "live"])
@pytest.mark.parametrize("around", ["{}", "/checkout/{}/pay", "path='/checkout/{}', x", "a_{}"])
def test_a_page_s_token_is_masked_within_any_text(mode: str, around: str) -> None:
    token = page_token("chk_1", bytes(32), is_live=mode == "live")
    entry = masked(event=around.format(token), deep={"list": [(around.format(token),)]})
    expected = around.format("[page token]")
    assert entry == {"event": expected, "deep": {"list": [[expected]]}}


@dataclass
class Holder:
    number: str


@pytest.mark.parametrize(
    "value",
    [4242424242424242, b"4242424242424242", Holder("4242424242424242"), {"4242424242424242"}],
)
def test_a_card_number_is_masked_within_any_value(value: object) -> None:
    entry = masked(value=value, deep={1: [value]})
    assert "4242" not in json.dumps(entry)


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424241",
        "tra_01k5kq8m5sf3zr4w8x2tq9y7ab",
        "2025-09-13T12:30:00Z",
        "amount 1200.00",
        "12345678901",
        "took 1.4242424242424242 s",
        "cs_other_1",
    ],
)
def test_other_texts_are_kept(text: str) -> None:
    assert masked(event=text) == {"event": text}


@pytest.mark.parametrize(
    "value", [None, True, 0, -1, 1757758530, 0.25, 0.4242424242424242, float("inf"), "", [], {}]
)
def test_other_values_are_kept(value: object) -> None:
    assert masked(event=value) == {"event": value}


@pytest.mark.parametrize(
    "name",
    [
        *("api_secret", "secret", "webhook_secret", "password", "security_code", "cvv", "cvc"),
        *("authorization", "page_url", "token", "page_token"),
    ],
)
def test_a_named_secret_is_masked_at_any_depth(name: str) -> None:
    entry = masked(**{name: "x", "deep": {"list": [{name: {"a": 1}}]}})
    assert entry == {name: "[masked]", "deep": {"list": [{name: "[masked]"}]}}


def test_what_libraries_log_is_masked_too() -> None:
    (entry,) = logged(
        "import logging",
        "configure_logs('info', 'web')",
        "try:",
        "    raise ValueError('sent cvv=917 with 4242 4242 4242 4242')",
        "except ValueError:",
        "    logging.getLogger('uvicorn.error').exception('card %s', 4242424242424242)",
    )
    assert entry["event"] == "card [card number]"
    assert entry["exception"].endswith("ValueError: sent cvv=[masked] with [card number]")
    assert (entry["logger"], entry["level"], entry["program"]) == ("uvicorn.error", "error", "web")


UNCAUGHT = [
    ["raise ValueError(text)"],
    [
        "import threading",
        "def run(): raise ValueError(text)",
        "thread = threading.Thread(target=run)",
        "thread.start()",
        "thread.join()",
    ],
    [
        "import asyncio",
        "async def run(): raise ValueError(text)",
        "async def main():",
        "    task = asyncio.create_task(run())",
        "    await asyncio.wait([task])",
        "asyncio.run(main())",
    ],
    ["import warnings", "warnings.warn(text)"],
]


@pytest.mark.parametrize("lines", UNCAUGHT, ids=["raised", "thread", "task", "warning"])
def test_what_nobody_catches_or_handles_is_masked_too(lines: list[str]) -> None:
    start = "import structlog; from paydesk.kit.logs import configure_logs"
    program = [start, "configure_logs('info', 'web')", "text = 'no card ' + '4242' * 4", *lines]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(program)], capture_output=True, text=True, check=False
    )
    assert "no card [card number]" in done.stderr
    assert "4242" * 4 not in done.stderr
    assert all(json.loads(line)["level"] for line in done.stderr.splitlines())


def test_the_values_of_variables_are_not_logged() -> None:
    (entry,) = logged(
        "configure_logs('info', 'web')",
        "def pay(name): raise ValueError('broken')",
        "try:",
        "    pay('N. ' + 'Dlamini')",
        "except ValueError:",
        "    structlog.get_logger().exception('broken')",
    )
    assert "N. Dlamini" not in json.dumps(entry)
