"""What an operation of the API is, as data: who may call it, what it takes and what it answers.

The routes, the access checks and the OpenAPI document are all made from these.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from paydesk.errors import Refusal
from paydesk.merchants import Section
from paydesk.web.api.endpoint import Verb


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    section None means that every key may call it. key names the member of the reply that holds
    what was asked for.
    Shape: path has its parameters in braces; reply is a TypedDict or a list of one; body is the
        model of one record where is_batch, of the whole body otherwise; refusals are those
        that the verb itself raises, beside the ones all operations have in common; example is
        a request body that works with any account; takes_slashes: the last parameter may hold some;
        may_be_empty: a request without a body is one with an empty object.
    """

    method: str
    path: str
    verb: Verb
    section: Section | None
    summary: str
    reply: Any
    key: str = "result"
    body: type[BaseModel] | None = None
    is_batch: bool = False
    query: type[BaseModel] | None = None
    is_list: bool = False
    refusals: tuple[type[Refusal], ...] = ()
    example: Mapping[str, Any] | None = None
    takes_slashes: bool = False
    may_be_empty: bool = False

    @property
    def route(self) -> str:
        """The path as the router has it."""
        return self.path.replace("{id}", "{id:path}") if self.takes_slashes else self.path

    @property
    def writes(self) -> bool:
        return self.method != "GET"
