"""What webhooks and their endpoints say no to."""

from paydesk.errors import Kind, Refusal


class EndpointMissing(Refusal):
    """There is no webhook endpoint with this id."""

    kind = Kind.MISSING


class WebhookMissing(Refusal):
    """There is no webhook with this id."""

    kind = Kind.MISSING


class EndpointsUsedUp(Refusal):
    """The account has as many webhook endpoints as it may have; remove one first."""

    kind = Kind.CONFLICT


class EndpointDisabled(Refusal):
    """This webhook endpoint is disabled; set its status to LIVE first."""

    kind = Kind.CONFLICT


class ResendsUsedUp(Refusal):
    """This webhook has been sent too often; read it with GET /webhooks/{id} instead."""

    kind = Kind.CONFLICT


class PingsUnderWay(Refusal):
    """Too many pings are under way; try again shortly."""

    kind = Kind.LIMITED
