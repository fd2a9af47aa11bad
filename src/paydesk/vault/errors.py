"""What the vault refuses of a connector's request: bugs of the caller, never a payer's doing."""

from paydesk.errors import Kind, Refusal


class RequestMalformed(Refusal):
    """The vault does not understand this request."""

    kind = Kind.LAYOUT


class ConnectorUnknown(Refusal):
    """There is no connector of this name."""

    kind = Kind.FORBIDDEN


class ConnectorMode(Refusal):
    """Test cards go to test connectors only, live cards to live ones."""

    kind = Kind.FORBIDDEN


class OriginNotOnManifest(Refusal):
    """The connector's manifest does not list the place this request is for."""

    kind = Kind.FORBIDDEN


class PointerUnknown(Refusal):
    """The request's body has no such place to fill."""

    kind = Kind.LAYOUT
