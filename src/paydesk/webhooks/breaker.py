"""Whether an endpoint is spared for a while because most of its tries fail. Pure.

What is spared is put off and loses none of its tries.
"""

from collections import deque

from paydesk import limits

# Tries are counted in spans of this long, so that a busy endpoint costs no more than a quiet one.
_SPAN_SECONDS = 10


class Breaker:
    """One endpoint's, in one worker. Units: every `now` is seconds of one clock.

    >>> breaker = Breaker()
    >>> for _ in range(limits.WEBHOOK_BREAKER_TRIES_MIN):
    ...     breaker.note(0.0, failed=True)
    >>> breaker.admits(1.0), breaker.admits(limits.WEBHOOK_PROBE_SECONDS)
    (False, True)
    """

    def __init__(self) -> None:
        # Of each span: when it began, tries, and how many of them failed.
        self._spans: deque[tuple[float, int, int]] = deque()
        self._probe_at: float | None = None

    def note(self, now: float, *, failed: bool) -> None:
        """Takes note of how a try ended. While it spares, one success is enough to end that."""
        if self._probe_at is not None:
            if not failed:
                self._probe_at = None
                self._spans.clear()
            return
        self._count(now, failed=failed)
        if self._is_failing():
            self._probe_at = now + limits.WEBHOOK_PROBE_SECONDS

    def is_open(self, now: float) -> bool:
        """Whether no try may begin now."""
        return self._probe_at is not None and now < self._probe_at

    @property
    def spares(self) -> bool:
        """Whether only single tries are let through, to see how it fares."""
        return self._probe_at is not None

    def admits(self, now: float) -> bool:
        """Whether a try may begin. One that sees how the endpoint fares puts off the next one."""
        if self._probe_at is None:
            return True
        if now < self._probe_at:
            return False
        self._probe_at = now + limits.WEBHOOK_PROBE_SECONDS
        return True

    def is_idle(self, now: float) -> bool:
        """Whether there is nothing to remember of this endpoint."""
        self._forget(now)
        return self._probe_at is None and not self._spans

    def _count(self, now: float, *, failed: bool) -> None:
        self._forget(now)
        if self._spans and now < self._spans[-1][0] + _SPAN_SECONDS:
            began, tries, failures = self._spans.pop()
        else:
            began, tries, failures = now, 0, 0
        self._spans.append((began, tries + 1, failures + failed))

    def _forget(self, now: float) -> None:
        while self._spans and self._spans[0][0] <= now - limits.WEBHOOK_BREAKER_WINDOW_SECONDS:
            self._spans.popleft()

    def _is_failing(self) -> bool:
        tries = sum(span[1] for span in self._spans)
        failures = sum(span[2] for span in self._spans)
        is_enough = tries >= limits.WEBHOOK_BREAKER_TRIES_MIN
        return is_enough and 100 * failures >= limits.WEBHOOK_BREAKER_FAILED_PERCENT * tries
