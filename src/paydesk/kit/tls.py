"""TLS between programs that know each other by certificate, both ways."""

import ssl


def client_context(*, ca: str | None, certificate: str | None) -> ssl.SSLContext:
    """For calling servers whose certificates this authority signed, as the one that ours names.

    ca None is the system's authorities, certificate None nobody. A certificate's file holds its
    key too.
    Raises: OSError, for a file that is missing or holds no such thing.
    """
    context = ssl.create_default_context(cafile=ca)
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context


def server_context(*, ca: str, certificate: str) -> ssl.SSLContext:
    """For serving nobody but callers whose certificates this authority signed.

    Raises: OSError, for a file that is missing or holds no such thing.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    return context
