"""Where security codes are: in this process's memory, once, and not for long.

Python may leave copies of short-lived strings in freed memory; what is kept for minutes is kept
here, in bytes that are overwritten when they are read or their time is up.
"""

import asyncio


class SecurityCodes:
    """The security codes of cards kept lately. Must be used within a running event loop.

    Bounds: each is kept for seconds_max; beyond count_max the oldest gives way.
    """

    def __init__(self, *, seconds_max: float, count_max: int) -> None:
        self._seconds_max = seconds_max
        self._count_max = count_max
        self._codes: dict[str, tuple[bytearray, asyncio.TimerHandle]] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def put(self, card_id: str, code: str) -> None:
        if card_id in self._codes:
            self._wipe(card_id)
        while len(self._codes) >= self._count_max:
            self._wipe(next(iter(self._codes)))
        timer = asyncio.get_running_loop().call_later(self._seconds_max, self._wipe, card_id)
        self._codes[card_id] = (bytearray(code.encode()), timer)

    def take(self, card_id: str) -> str | None:
        """The card's code, this one time; None when it was taken before or its time is up."""
        if card_id not in self._codes:
            return None
        code = self._codes[card_id][0].decode()
        self._wipe(card_id)
        return code

    def _wipe(self, card_id: str) -> None:
        code, timer = self._codes.pop(card_id)
        timer.cancel()
        code[:] = bytes(len(code))
