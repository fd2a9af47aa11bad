"""Finds card numbers, names and security codes in files, in every form they could be left in.

Numbers: in clear, with blanks or dashes between, percent-encoded blanks, UTF-16, hexadecimal and
base64 at each of its three alignments. Security codes: any three or four digits right after a
name for them. One pass over each file; every digit run is looked up in the set of numbers.
"""

import base64
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

_CHUNK = 16 * 1024 * 1024
_OVERLAP = 512  # longer than any form of a trace, so that none is cut in two
_BETWEEN = rb"(?:[\x00 \-+_.]|%20|%2[dD]){0,3}"
# In UTF-16 each character has a NUL beside it.
_CODE_NAMES = ("security_code", "securitycode", "security-code")
# By themselves, or as the last word of a cardCvv: an id of ours may well end in csc.
_SHORT_CODE_NAMES = ("cvv", "cvv2", "cvc", "cvc2", "csc")


@dataclass(frozen=True, slots=True)
class Trace:
    """What was found, where, and how it was written. The value itself is not told."""

    path: str
    at: int
    kind: str

    def __str__(self):
        return f"{self.path} at byte {self.at}: {self.kind}"


@dataclass
class Scan:
    """One search, and what it has read so far.

    Shape: numbers and names are what must not be found, controls what must be.
    """

    numbers: frozenset
    names: frozenset = frozenset()
    controls: tuple = ()
    files: int = 0
    bytes: int = 0
    traces: list = field(default_factory=list)
    controls_seen: Counter = field(default_factory=Counter)

    def __post_init__(self):
        assert self.numbers, "nothing to look for"
        self._bytes_of_numbers = {number.encode() for number in self.numbers}
        self._base64 = {core for number in self.numbers for core in _base64_cores(number)}
        self._base64_lengths = sorted({len(core) for core in self._base64})
        self._pattern = _pattern(self.numbers, self.names)

    def read_file(self, path):
        """Searches one file; a file that is gone by now is none."""
        try:
            with Path(path).open("rb") as file:
                self.files += 1
                self._read(str(path), file)
        except FileNotFoundError:
            return

    def read_tree(self, folder, *, advance=lambda _path: None):
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                self.read_file(path)
                advance(path)

    def read_stream(self, name, file):
        """Searches what comes out of a pipe."""
        self.files += 1
        self._read(name, file)

    def faults(self):
        """What is wrong with what was read: traces, or a search that saw nothing."""
        faults = [str(trace) for trace in self.traces]
        if not self.files or not self.bytes:
            faults.append("nothing was read")
        faults += [f"the control {c!r} was not found" for c in self.controls if not self.seen(c)]
        return faults

    def seen(self, control):
        return self.controls_seen[control]

    def _read(self, name, file):
        offset, kept = 0, b""
        while chunk := file.read(_CHUNK):
            self.bytes += len(chunk)
            data = kept + chunk
            self._search(name, data, offset - len(kept))
            offset += len(chunk)
            kept = data[-_OVERLAP:]

    def _search(self, name, data, offset):
        for control in self.controls:
            self.controls_seen[control] += control.encode() in data
        for found in self._pattern.finditer(data):
            kind = self._kind(found, data)
            trace = kind and Trace(name, offset + found.start(), kind)
            if trace and trace not in self.traces:
                self.traces.append(trace)

    def _kind(self, found, data):
        group = found.lastgroup
        if group == "digits":
            digits = re.sub(rb"%20|%2[dD]|[^0-9]", b"", found[0])
            return "a card number" if digits in self._bytes_of_numbers else None
        if group == "hex":
            digits = bytes.fromhex(found[0].decode())
            return "a card number in hexadecimal" if digits in self._bytes_of_numbers else None
        if group == "base64":
            start = found.start()
            cores = (data[start : start + length] for length in self._base64_lengths)
            return "a card number in base64" if any(c in self._base64 for c in cores) else None
        return "a cardholder's name" if group == "name" else "a security code beside its name"


def _pattern(numbers, names):
    """All forms in one expression; those of numbers begin with what the numbers begin with."""
    prefixes = sorted({number[:8] for number in numbers})
    spaced = b"|".join(_BETWEEN.join(digit.encode() for digit in prefix) for prefix in prefixes)
    rest = len(next(iter(numbers))) - 8
    tail = b"(?:" + _BETWEEN + rb"[0-9]){%d}" % rest
    hexes = b"|".join(prefix.encode().hex().encode() for prefix in prefixes)
    cores = {
        re.escape(core[: _shared(shift)])
        for prefix in prefixes
        for shift, core in enumerate(_base64_cores(prefix.ljust(16, "0")))
    }
    long_names = b"|".join(map(_wide, _CODE_NAMES))
    short_names = b"|".join(map(_wide, _SHORT_CODE_NAMES))
    capital_names = b"|".join(_wide(name.title()) for name in _SHORT_CODE_NAMES)
    code_names = (
        b"(?:(?i:" + long_names + b")|(?<![0-9A-Za-z])(?i:" + short_names + b")"
        b"|(?<=[a-z])(?:" + capital_names + b"))"
    )
    parts = [
        b"(?P<digits>(?:" + spaced + b")" + tail + b")",
        b"(?P<hex>(?:" + hexes + rb")(?:3[0-9]){%d})" % rest,
        b"(?P<base64>" + b"|".join(sorted(cores)) + b")",
        b"(?P<code>" + code_names + rb"\x00?(?:[^0-9A-Za-z]|%3[aAdD]|%22){1,12}"
        rb"(?:[0-9]\x00?){3,4}(?![0-9A-Za-z]))",
    ]
    if names:
        texts = [text for name in names for text in (name.encode(), name.encode("utf-16-le"))]
        parts.append(b"(?P<name>" + b"|".join(map(re.escape, texts)) + b")")
    return re.compile(b"|".join(parts))


def _wide(name):
    """The name in bytes, also with the NULs of UTF-16 between its letters."""
    return rb"\x00?".join(letter.encode() for letter in name)


def _base64_cores(number):
    """The characters that depend on nothing but the number, at each alignment."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + number.encode())
        first = -(-8 * shift // 6)
        last = 8 * (shift + len(number)) // 6
        yield text[first:last]


def _shared(shift):
    """How many characters of a core the first eight digits decide."""
    return 8 * (shift + 8) // 6 - -(-8 * shift // 6)
