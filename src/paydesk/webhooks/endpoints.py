"""Endpoints of an account: create, show, list, change, rotate and remove."""

from paydesk import limits
from paydesk.db.connection import Connection
from paydesk.db.listing import Page
from paydesk.errors import Fault, Invalid
from paydesk.kit import ids
from paydesk.kit.addresses import BadURL, Rule
from paydesk.kit.outbound import Guard, Outbound, OutboundFailure, Reason
from paydesk.kit.sealing import Sealer
from paydesk.merchants import OverlapUnderWay
from paydesk.webhooks import store
from paydesk.webhooks.errors import EndpointMissing, EndpointsUsedUp
from paydesk.webhooks.model import Endpoint, EndpointID, NewEndpoint
from paydesk.webhooks.secret import new_secret, open_secret


async def check_host(outbound: Outbound, url: str, guard: Guard) -> None:
    """Looks the URL's host up, so that an address nobody may dial is refused where it is typed.

    It is looked up again at every send: a name may come to lead elsewhere.
    Raises: Invalid.
    """
    try:
        await outbound.look_up(url, guard)
    except OutboundFailure as failure:
        if failure.reason in {Reason.DNS, Reason.BUSY}:
            sentence = "This host has no address just now. Check its spelling, or try again later."
            raise Invalid([Fault("url", "host_unknown", sentence)]) from failure
        bad = BadURL(Rule.PRIVATE_ADDRESS)
        raise Invalid([Fault("url", bad.rule, str(bad))]) from failure


async def create_endpoint(
    connection: Connection, account_id: int, described: NewEndpoint, sealer: Sealer
) -> Endpoint:
    """A new endpoint with a secret of its own. Raises: EndpointsUsedUp."""
    await store.lock_endpoints(connection, account_id)
    if await store.count_endpoints(connection, account_id) >= limits.WEBHOOK_ENDPOINTS_MAX:
        raise EndpointsUsedUp
    id_ = EndpointID(ids.new("whe"))
    secret = new_secret(sealer, id_)
    await store.insert_endpoint(connection, account_id, id_, described, secret=secret)
    return await show_endpoint(connection, account_id, id_)


async def show_endpoint(connection: Connection, account_id: int, endpoint_id: str) -> Endpoint:
    """The endpoint. Raises: EndpointMissing."""
    return _found(await store.find_endpoint(connection, account_id, endpoint_id))


async def hold_endpoint(connection: Connection, account_id: int, endpoint_id: str) -> Endpoint:
    """The endpoint, which nobody else changes until the transaction ends.

    Raises: EndpointMissing.
    """
    return _found(await store.find_endpoint(connection, account_id, endpoint_id, is_locked=True))


async def list_endpoints(
    connection: Connection, account_id: int, page: Page
) -> tuple[list[Endpoint], str | None]:
    """One page of the account's endpoints, newest first, and the next page's cursor."""
    return await store.endpoints(connection, account_id, page)


async def change_endpoint(
    connection: Connection, account_id: int, endpoint_id: str, described: NewEndpoint
) -> Endpoint:
    """The endpoint as described now. Raises: EndpointMissing."""
    await store.save_endpoint(connection, account_id, endpoint_id, described)
    return await show_endpoint(connection, account_id, endpoint_id)


async def remove_endpoint(connection: Connection, account_id: int, endpoint_id: str) -> None:
    """Removes the endpoint; what was on its way to it is given up. Raises: EndpointMissing."""
    if not await store.remove_endpoint(connection, account_id, endpoint_id):
        raise EndpointMissing("id")


async def rotate_secret(
    connection: Connection,
    account_id: int,
    endpoint_id: str,
    sealer: Sealer,
    *,
    overlap_hours: int,
) -> Endpoint:
    """Gives the endpoint a new secret; for the overlap the one before signs too.

    Raises: EndpointMissing, OverlapUnderWay.
    """
    await hold_endpoint(connection, account_id, endpoint_id)
    if not await store.rotate_secret(
        connection,
        account_id,
        endpoint_id,
        secret=new_secret(sealer, endpoint_id),
        overlap_hours=overlap_hours,
    ):
        raise OverlapUnderWay("overlap_hours")
    return await show_endpoint(connection, account_id, endpoint_id)


async def sealed_secrets(
    connection: Connection, account_id: int, endpoint_id: str
) -> tuple[bytes, ...]:
    """The endpoint's secrets, sealed, the newest last. Raises: EndpointMissing."""
    sealed = await store.secrets(connection, account_id, endpoint_id)
    if sealed is None:
        raise EndpointMissing("id")
    return sealed


async def newest_secret(
    connection: Connection, account_id: int, endpoint_id: str, sealer: Sealer
) -> str:
    """The endpoint's secret as it is shown. Raises: EndpointMissing."""
    sealed = await sealed_secrets(connection, account_id, endpoint_id)
    return open_secret(sealer, endpoint_id, sealed[-1])


def _found(endpoint: Endpoint | None) -> Endpoint:
    if endpoint is None:
        raise EndpointMissing("id")
    return endpoint
