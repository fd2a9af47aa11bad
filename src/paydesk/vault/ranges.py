"""Which card takes part in 3-D Secure: the directory servers' lists of card ranges, kept here.

They are looked through in the vault, because only the vault may see a number.
Source: reliability paper A.2, step 2, and 3DS-14.
"""

import asyncio
import uuid
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter

import structlog

from paydesk import limits
from paydesk.cards.model import Enrolment, EnrolmentState
from paydesk.connectors.contract import Connector
from paydesk.kit.json import Unreadable, read_object, write
from paydesk.kit.outbound import Guard, Outbound, OutboundFailure, OutboundRequest

log = structlog.get_logger()

_UNKNOWN = Enrolment(EnrolmentState.UNKNOWN)
_NOT_ENROLLED = Enrolment(EnrolmentState.NOT_ENROLLED)


class Ranges:
    """One directory server's card ranges.

    Raises: RangesAtFault, for a PRes that is none.
    """

    def __init__(self, message: Mapping[str, object]) -> None:
        match message:
            case {
                "messageType": "PRes",
                "dsStartProtocolVersion": str(first),
                "dsEndProtocolVersion": str(last),
                "cardRangeData": list(rows),
            }:
                self._ranges = sorted((_range(row, (first, last)) for row in rows), key=_start)
            case _:
                raise RangesAtFault
        self._starts = [start for start, _, _ in self._ranges]
        if any(end >= start for (_, end, _), (start, _, _) in pairwise(self._ranges)):
            raise RangesAtFault

    def __len__(self) -> int:
        return len(self._ranges)

    def of(self, number: str) -> Enrolment:
        """What the list says of the card with this number."""
        at = _comparable(number)
        place = bisect_right(self._starts, at) - 1
        if place < 0 or self._ranges[place][1] < at:
            return _NOT_ENROLLED
        return self._ranges[place][2]


class RangesAtFault(Exception):
    """A directory server's list of card ranges can't be used."""


@dataclass(frozen=True, slots=True)
class Directories:
    """The lists of all connectors' directory servers; fetched at the start and then daily.

    outbound speaks to them as the 3DS server that they know.
    """

    connectors: Mapping[str, Connector]
    outbound: Outbound
    _lists: dict[str, Ranges] = field(default_factory=dict)
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def are_ready(self) -> bool:
        """Whether all directory servers were asked, for a while at least if one is away."""
        return self._asked.is_set()

    def look_up(self, connector: str, number: str) -> Enrolment | None:
        """What is known of this card; None for a connector that authenticates nobody."""
        known = self.connectors.get(connector)
        if known is None or known.manifest.directory is None:
            return None
        ranges = self._lists.get(known.manifest.directory.url)
        return _UNKNOWN if ranges is None else ranges.of(number)

    async def keep_fresh(self) -> None:
        """Fetches the lists again and again; an old list is better than none."""
        tries = 0
        while True:
            fetched = [await self._fetch(one) for one in self.connectors.values()]
            tries += 1
            if all(fetched):
                self._asked.set()
                await asyncio.sleep(limits.RANGES_FRESH_SECONDS)
            else:
                if tries >= limits.RANGES_FIRST_TRIES_MAX:
                    self._asked.set()
                is_first = not self._asked.is_set()
                await asyncio.sleep(0.1 if is_first else limits.RANGES_RETRY_SECONDS)

    async def _fetch(self, connector: Connector) -> bool:
        directory = connector.manifest.directory
        if directory is None:
            return True
        asked = {
            "messageType": "PReq",
            "messageVersion": _OLDEST_VERSION,
            "threeDSServerTransID": str(uuid.uuid4()),
            "threeDSServerRefNumber": directory.server_reference,
        }
        headers = {"Content-Type": "application/JSON; charset=UTF-8"}
        request = OutboundRequest("POST", directory.url, headers, write(asked))
        try:
            answer = await self.outbound.send(
                request,
                Guard.origins(connector.manifest.origins),
                seconds_max=limits.RANGES_SECONDS_MAX,
                answer_bytes_max=limits.RANGES_BYTES_MAX,
            )
            ranges = Ranges(read_object(answer.body))
        except (OutboundFailure, Unreadable, RangesAtFault) as fault:
            log.warning("card_ranges_missing", directory=directory.url, why=type(fault).__name__)
            return False
        self._lists[directory.url] = ranges
        log.info("card_ranges", directory=directory.url, count=len(ranges))
        return True


_OLDEST_VERSION = "2.2.0"
_NUMBER_LENGTH_MAX = 19

_Range = tuple[str, str, Enrolment]


_start = itemgetter(0)


def _range(row: object, directory_versions: tuple[str, str]) -> _Range:
    match row:
        case {
            "startRange": str(start),
            "endRange": str(end),
            "acsStartProtocolVersion": str(first),
            "acsEndProtocolVersion": str(last),
            **rest,
        } if (start + end).isascii() and (start + end).isdigit():
            method_url = rest.get("threeDSMethodURL")
            if method_url is None or isinstance(method_url, str):
                said = _enrolment(first, last, directory_versions, method_url)
                return _comparable(start), _comparable(end, filling="9"), said
    raise RangesAtFault


# Many ranges are one issuer's, and say the same.
@lru_cache(maxsize=4096)
def _enrolment(
    first: str, last: str, directory_versions: tuple[str, str], method_url: str | None
) -> Enrolment:
    return Enrolment(EnrolmentState.ENROLLED, (first, last), directory_versions, method_url)


def _comparable(number: str, *, filling: str = "0") -> str:
    # Ranges and numbers of different lengths compare as if all had nineteen digits.
    return number.ljust(_NUMBER_LENGTH_MAX, filling)
