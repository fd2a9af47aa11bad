"""The two clients: one that blocks, one that is awaited. Each only drives the same exchange."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx2

from paydesk_client.exchange import Call, Lost, Pause, Reply, Request, exchange
from paydesk_client.replies import Page
from paydesk_client.resources import (
    Cards,
    Checkouts,
    Customers,
    Events,
    Invoices,
    Lookups,
    MerchantRecord,
    Orders,
    PaymentMethods,
    Payments,
    Transactions,
    WebhookEndpoints,
    Webhooks,
)

T = TypeVar("T")

TIMEOUT_SECONDS = 30.0  # Paydesk answers in milliseconds; an acquirer behind a refund may not
RETRIES = 4


class Paydesk:
    """A client whose calls return when they are done. Threads may share it.

    Raises: PaydeskError from every call; NoAnswer, which is one, where nothing came back.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_secret: str,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retries: int = RETRIES,
    ) -> None:
        self._http = httpx2.Client(**_options(base_url, api_key, api_secret, timeout_seconds))
        self._retries = retries
        self.checkouts = Checkouts(self)
        self.orders = Orders(self)
        self.customers = Customers(self)
        self.cards = Cards(self)
        self.payments = Payments(self)
        self.transactions = Transactions(self)
        self.invoices = Invoices(self)
        self.lookups = Lookups(self)
        self.payment_methods = PaymentMethods(self)
        self.merchant = MerchantRecord(self)
        self.events = Events(self)
        self.webhooks = Webhooks(self)
        self.webhook_endpoints = WebhookEndpoints(self)

    def send(self, call: Call[T]) -> T:
        """Makes one call."""
        steps = exchange(call, retries=self._retries, chance=random.random)
        answer: Reply | Lost | None = None
        try:
            while True:
                step = steps.send(answer)
                answer = self._wait(step) if isinstance(step, Pause) else self._ask(step)
        except StopIteration as end:
            result: T = end.value
            return result

    def each(self, first: Callable[..., Call[Page[T]]]) -> Iterator[T]:
        """The entries of a list, asking for each page when it is reached."""
        page = self.send(first())
        yield from page.entries
        while page.next_cursor is not None:
            page = self.send(first(cursor=page.next_cursor))
            yield from page.entries

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    def _ask(self, request: Request) -> Reply | Lost:
        try:
            return _reply(self._http.request(**_arguments(request)))
        except httpx2.TransportError as fault:
            return _lost(self._http.base_url, fault)

    @staticmethod
    def _wait(pause: Pause) -> None:
        time.sleep(pause.seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: object, _trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncPaydesk:
    """A client whose calls are awaited.

    Raises: PaydeskError from every call; NoAnswer, which is one, where nothing came back.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_secret: str,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        retries: int = RETRIES,
    ) -> None:
        self._http = httpx2.AsyncClient(**_options(base_url, api_key, api_secret, timeout_seconds))
        self._retries = retries
        self.checkouts = Checkouts(self)
        self.orders = Orders(self)
        self.customers = Customers(self)
        self.cards = Cards(self)
        self.payments = Payments(self)
        self.transactions = Transactions(self)
        self.invoices = Invoices(self)
        self.lookups = Lookups(self)
        self.payment_methods = PaymentMethods(self)
        self.merchant = MerchantRecord(self)
        self.events = Events(self)
        self.webhooks = Webhooks(self)
        self.webhook_endpoints = WebhookEndpoints(self)

    async def send(self, call: Call[T]) -> T:
        """Makes one call."""
        steps = exchange(call, retries=self._retries, chance=random.random)
        answer: Reply | Lost | None = None
        try:
            while True:
                step = steps.send(answer)
                answer = await (self._wait(step) if isinstance(step, Pause) else self._ask(step))
        except StopIteration as end:
            result: T = end.value
            return result

    async def each(self, first: Callable[..., Call[Page[T]]]) -> AsyncIterator[T]:
        """The entries of a list, asking for each page when it is reached."""
        page = await self.send(first())
        for entry in page.entries:
            yield entry
        while page.next_cursor is not None:
            page = await self.send(first(cursor=page.next_cursor))
            for entry in page.entries:
                yield entry

    async def close(self) -> None:
        """Closes its connections."""
        await self._http.aclose()

    async def _ask(self, request: Request) -> Reply | Lost:
        try:
            return _reply(await self._http.request(**_arguments(request)))
        except httpx2.TransportError as fault:
            return _lost(self._http.base_url, fault)

    @staticmethod
    async def _wait(pause: Pause) -> None:
        await asyncio.sleep(pause.seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _value: object, _trace: TracebackType | None
    ) -> None:
        await self.close()


def _options(
    base_url: str, api_key: str, api_secret: str, timeout_seconds: float
) -> dict[str, Any]:
    return {
        "base_url": base_url,
        "auth": (api_key, api_secret),
        "timeout": timeout_seconds,
        "headers": {"User-Agent": "paydesk-client"},
        # The environment's proxy can't reach this machine's own loopback.
        "trust_env": not _is_loopback(base_url),
    }


def _is_loopback(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _arguments(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.path,
        "params": request.query,
        "content": request.content,
        "headers": request.headers,
    }


def _reply(answer: httpx2.Response) -> Reply:
    return Reply(answer.status_code, answer.content, answer.headers.get("Retry-After"))


def _lost(base_url: object, fault: Exception) -> Lost:
    return Lost(f"{base_url} does not answer ({fault or type(fault).__name__}).")
