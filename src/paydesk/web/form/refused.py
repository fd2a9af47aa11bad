"""What does a browser show when a form is refused? One page, for payers and for shops' makers."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from paydesk.errors import Refusal
from paydesk.kit.addresses import BadURL, CheckedURL, check_url
from paydesk.languages import ENGLISH, Language, translatable
from paydesk.merchants import Account
from paydesk.web.api.errors import OUR_FAULT, code_of
from paydesk.web.form.nest import Nested
from paydesk.web.page.embed import NOT_EMBEDDED, EmbedView
from paydesk.web.page.headers import headers as page_headers
from paydesk.web.page.look import look
from paydesk.web.page.pages import fill

_OUR_FAULT = translatable("Something is wrong on our side. Please wait a minute and try again.")


@dataclass(frozen=True, slots=True)
class FaultView:
    """One thing to correct. input is the name of the form's input, or empty."""

    input: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FormRefusedView:
    """All that the page shows. back_url is empty where the way back is not a known one."""

    nonce: str
    faults: tuple[FaultView, ...]
    is_test: bool = False
    back_url: str = ""
    back_name: str = ""
    language: Language = ENGLISH  # as the refusals' sentences are
    look: str = look()
    embed: EmbedView = NOT_EMBEDDED
    base_path: str = ""


class Refused:
    """What is known of a form by the time it is refused, and the page made of it."""

    account: Account | None = None
    nested: Nested | None = None

    def __init__(self, referer: str) -> None:
        self._referer = referer

    def page(self, refusal: Refusal, *, headers: Mapping[str, str] | None = None) -> Response:
        """The page for a refusal, with the status that the API would answer."""
        back = self._back()
        view = FormRefusedView(
            nonce=secrets.token_urlsafe(16),
            faults=self._faults(refusal),
            is_test=self.account is not None and not self.account.is_live,
            back_url="" if back is None else back.text,
            back_name="" if back is None else back.host,
        )
        headers = dict(headers or {})
        if refusal.retry_after_seconds is not None:
            headers["Retry-After"] = str(refusal.retry_after_seconds)
        return _html(view, code_of(refusal).status, headers)

    def _faults(self, refusal: Refusal) -> tuple[FaultView, ...]:
        sentences: dict[str, str] = {}
        for fault in refusal.faults():
            name = fault.path if self.nested is None else self.nested.name_of(fault.path)
            # The first fault of an input is the plainest; the rest often follow from it.
            sentences.setdefault(name, fault.message)
        return tuple(FaultView(name, sentence) for name, sentence in sentences.items())

    def _back(self) -> CheckedURL | None:
        """The page that the form came from, if the merchant has named its origin.

        Anybody can post a form; a page of ours is not to lead to where anybody likes.
        """
        if self.account is None:
            return None
        try:
            url = check_url(
                self._referer,
                may_be_plain_http_to_loopback=not self.account.is_live,
                is_dialled_by_us=False,
            )
        except BadURL:
            return None
        return url if url.origin in self.account.allowed_origins else None


def our_fault(request_id: str) -> Response:
    """The page when the fault is ours; the id finds it in the log."""
    view = FormRefusedView(secrets.token_urlsafe(16), (FaultView("", _OUR_FAULT),))
    return _html(view, OUR_FAULT.status, {"X-Request-Id": request_id})


def _html(view: FormRefusedView, status: int, headers: Mapping[str, str]) -> Response:
    text = fill("form_refused", view)
    return Response(text, status, {**page_headers(view.nonce), **headers}, media_type="text/html")
