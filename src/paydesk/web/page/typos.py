"""Did the payer mean another email domain? One that is nearly a common one is most likely it."""

_COMMON = (
    "gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "live.com",
    "googlemail.com", "protonmail.com", "me.com", "aol.com", "msn.com", "ymail.com",
    "yahoo.co.uk", "yahoo.co.za", "hotmail.co.za", "outlook.co.za", "mweb.co.za",
    "telkomsa.net", "vodamail.co.za", "webmail.co.za", "iafrica.com", "absamail.co.za",
    "lantic.net", "polka.co.za", "axxess.co.za", "afrihost.co.za", "gmx.de", "web.de",
    "orange.fr", "free.fr", "laposte.net", "qq.com", "163.com", "sapo.pt", "uol.com.br",
)  # fmt: skip
# One slip in a short domain, two in a long one: `gmx.de` is near too many others.
_LONG = 9


def suggested(address: str) -> str:
    """The address with the domain that was most likely meant, empty where it is fine as it is.

    >>> suggested("thandi@gmial.com")
    'thandi@gmail.com'
    >>> suggested("thandi@gmail.com")
    ''
    """
    local, at, domain = address.rpartition("@")
    domain = domain.lower()
    if not at or domain in _COMMON:
        return ""
    near = [
        (slips, known)
        for known in _COMMON
        if (slips := _slips(domain, known)) <= (2 if len(known) >= _LONG else 1)
    ]
    return f"{local}@{min(near)[1]}" if near else ""


def _slips(typed: str, meant: str) -> int:
    """How many letters were added, left out, mistaken or swapped with their neighbour."""
    if abs(len(typed) - len(meant)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(typed, 1):
        after = [i]
        for j, other in enumerate(meant, 1):
            cost = min(after[-1] + 1, row[j] + 1, row[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            after.append(cost)
        before, row = row, after
    return row[-1]
