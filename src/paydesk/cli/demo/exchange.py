"""One HTTP request and its answer, as any program or browser outside would make it."""

import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field

_SECONDS_MAX = 30

# Without proxies of the environment: all of this stays on the machine.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back in the end, redirects followed; url is where that was."""

    status: int
    body: str
    url: str
    milliseconds: int


class NoAnswer(Exception):
    """Nothing usable came back. The text says why."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request about to be made: a POST where it has a body, else a GET."""

    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def make(self) -> Answer:
        """Sends it. Raises: NoAnswer."""
        asked = urllib.request.Request(self.url, self.body, dict(self.headers))  # noqa: S310
        began = time.monotonic()
        try:
            with _opener.open(asked, timeout=_SECONDS_MAX) as answer:
                return _answer(answer.status, answer.read(), answer.url, began)
        except urllib.error.HTTPError as refused:
            with refused:
                return _answer(refused.code, refused.read(), refused.url or self.url, began)
        except OSError as lost:
            raise NoAnswer(f"{self.url} does not answer ({lost}).") from lost


def _answer(status: int, body: bytes, url: str, began: float) -> Answer:
    return Answer(status, body.decode(errors="replace"), url, _since(began))


def _since(began: float) -> int:
    return round(1000 * (time.monotonic() - began))
