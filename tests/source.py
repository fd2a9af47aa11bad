"""The source as text, as syntax and as classes, for the tests that read it."""

import ast
import importlib
import pkgutil
from functools import cache
from pathlib import Path

import paydesk
from paydesk.errors import Refusal

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "paydesk"


@cache
def modules():
    """Every module's path relative to the package, with its syntax tree."""
    return {
        str(path.relative_to(SOURCE)): ast.parse(path.read_text())
        for path in sorted(SOURCE.rglob("*.py"))
    }


def calls(tree):
    """Every call with the last part of the called name: `given.add(…)` is `add`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            yield getattr(function, "attr", None) or getattr(function, "id", ""), node


@cache
def refusals():
    """Every class of refusal there is."""
    for module in pkgutil.walk_packages(paydesk.__path__, "paydesk."):
        if module.name != "paydesk.__main__":
            importlib.import_module(module.name)
    return tuple(_below(Refusal))


def _below(parent):
    for child in parent.__subclasses__():
        if child.__module__.startswith("paydesk."):
            yield child
        yield from _below(child)
