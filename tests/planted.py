"""Random log calls with secrets planted in them, in every form that a log could get them in.

Each secret is a canary: after masking, neither it nor its digits may be read anywhere.
"""

import base64
import json
import random
import re
import secrets
import string
import unicodedata
from urllib.parse import quote, unquote

from paydesk.kit import ids
from paydesk.kit.logs import mask
from paydesk.kit.page_tokens import page_token
from paydesk.merchants.keys import new_key, new_secret
from world import with_check_digit

WORDS = ("paid", "checkout", "was", "refused by", "acquirer", "in", "ms", "order", "A-7", "ok")
CODE_NAMES = ("cvv", "CVC2", "csc", "security_code", "securityCode", "card-security-code", "cvv2")
VALUE_NAMES = ("authenticationValue", "authentication_value", "cavv", "ucaf")
SECRET_NAMES = ("password", "api_secret", "webhookSecret", "Authorization", "client_secret")


def leaks(calls, *, seed):
    """The calls that let a canary through: what went in and what came out."""
    chance = random.Random(seed)
    found = []
    for _ in range(calls):
        entry, canaries = call(chance)
        line = json.dumps(mask(None, "info", entry), default=repr)
        if any(is_in(canary, line) for canary in canaries):
            found.append((entry, line))
    return found


def call(chance):
    """A log call's fields, and the canaries in them."""
    entry = {"event": _sentence(chance)}
    canaries = []
    for number in range(chance.randint(1, 3)):
        value, canary = chance.choice(PLANTERS)(chance)
        canaries.append(canary)
        name = chance.choice(("event", "reason", "body", "exception", "detail"))
        entry[f"{name}{number}"] = _deep(chance, value)
    return entry, canaries


def is_in(canary, line):
    """Whether somebody who knows how logs are escaped could read it there."""
    texts = [line]
    for _ in range(3):
        texts.append(_undone(texts[-1]))
    kind, secret = canary
    if kind == "text":
        return any(secret in text for text in texts)
    if kind == "code":
        # A code alone is three digits like many; beside its name it is a security code.
        named = re.compile(rf"(?i)(cvv|cvc|csc|security)[^0-9]{{0,20}}{secret}(?![0-9])")
        return any(named.search(text) for text in texts)
    digits = re.compile(r"[\s+_\-]{0,3}".join(secret))
    return any(digits.search(text) for text in texts)


def ids_masked(count):
    """How many of so many lines with ids of ours are not what they were."""
    prefixes = ("chk", "tra", "ord", "cus", "crd", "web", "pam", "mod")
    changed = 0
    for number in range(count):
        id_ = ids.new(prefixes[number % len(prefixes)])
        entry = {"event": f"checkout {id_} done", "id": id_}
        changed += mask(None, "info", entry) != entry
    return changed


def _undone(text):
    text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), unquote(text))
    text = re.sub(r"\\+[nrt]", " ", text).replace("&nbsp;", " ")
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\u00ad\u200b\u2010-\u2015\u2212]", "-", text)


def _sentence(chance):
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(0, 6)))


def _around(chance, text):
    before, after = _sentence(chance), _sentence(chance)
    return chance.choice(
        [
            f"{before} {text} {after}",
            f"{before}: '{text}', {after}",
            f"{before}({text!r})",
            f"<{text}>",
            json.dumps({"value": text, "note": before}),
            f"a={before}&number={text}&b=1",
            f"card{text}",
            text,
        ]
    )


def _deep(chance, value):
    for _ in range(chance.randint(0, 3)):
        value = chance.choice(
            [{"value": value, "n": 1}, [value, None], (1, value), {"a": {"b": [value]}}]
        )
    return value


def _number(chance):
    length = chance.choice((12, 13, 14, 15, 16, 16, 16, 16, 17, 18, 19))
    first = chance.choice("2345689")
    digits = first + "".join(chance.choice(string.digits) for _ in range(length - 2))
    return with_check_digit(digits)


def _spaced(chance, digits):
    sign = chance.choice((" ", "-", "  ", "\u00a0", "\u2013", "%20", "%2D", "+", "\\u0020", "\\n"))
    return sign.join(digits[place : place + 4] for place in range(0, len(digits), 4))


def _plant_number(chance):
    digits = _number(chance)
    written = chance.choice(
        [
            lambda: digits,
            lambda: _spaced(chance, digits),
            lambda: _spaced(chance, digits),
            lambda: "".join(chr(0xFF10 + int(digit)) for digit in digits),
            lambda: "".join(f"%3{digit}" for digit in digits),
            lambda: "".join(f"\\u003{digit}" for digit in digits),
            lambda: "".join(f"\\\\uff1{digit}" for digit in digits),
            lambda: quote(_spaced(chance, digits)),
            lambda: f"{digits} {chance.randint(1, 12):02} {chance.randint(26, 40)}",
            lambda: f"{chance.randint(1, 99)} {_spaced(chance, digits)}",
        ]
    )()
    value = _around(chance, written)
    if chance.random() < 0.1:
        value = chance.choice([int(digits), digits.encode(), {digits}, {int(digits): 1}])
    elif chance.random() < 0.1:
        value = ValueError(value)
    return value, ("digits", digits)


def _plant_code(chance):
    code = f"{chance.randint(100, 9999)}"
    name = chance.choice(CODE_NAMES)
    value = chance.choice(
        [
            {name: code},
            {name: int(code)},
            json.dumps({"a": 1, name: code}),
            json.dumps(json.dumps({name: code, "b": 2})),
            f"card[{name}]={code}&x=1",
            f"{name}%3D{code}%26x%3D1",
            f"Form({name}='{code}', x=1)",
            repr({name: code}),
            f"{name}: {code}",
            ValueError(f"no such {name} = {code}"),
        ]
    )
    return value, ("code", code)


def _plant_secret(chance):
    made = chance.choice(
        [
            lambda: new_secret("secret", is_live=chance.random() < 0.5),
            lambda: new_key("key", is_live=chance.random() < 0.5),
            lambda: "whsec_" + base64.b64encode(chance.randbytes(32)).decode(),
            lambda: page_token(secrets.token_hex(8), bytes(32), is_live=chance.random() < 0.5),
        ]
    )()
    return _around(chance, made), ("text", made)


def _plant_header(chance):
    login = base64.b64encode(chance.randbytes(chance.randint(24, 60))).decode()
    header = f"{chance.choice(('Basic', 'Bearer'))} {login}"
    return chance.choice([{"Authorization": header}, _around(chance, header)]), ("text", login)


def _plant_named(chance):
    is_value = chance.random() < 0.5
    secret = base64.b64encode(chance.randbytes(20)).decode() if is_value else secrets.token_hex(12)
    name = chance.choice(VALUE_NAMES if is_value else SECRET_NAMES)
    value = chance.choice(
        [
            {name: secret},
            {name: {"nested": [secret]}},
            json.dumps({name: secret, "a": 1}),
            json.dumps(json.dumps({name: secret})),
            f"{name}={secret}&b=1",
            f"Message({name}='{secret}')",
        ]
    )
    return value, ("text", secret)


PLANTERS = (_plant_number, _plant_number, _plant_code, _plant_secret, _plant_header, _plant_named)
