"""Certificates by which programs of one installation know each other, from an authority of theirs.

The authority's key is never stored: whoever reads the folder can play the programs that are
named in it, and nobody else.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from paydesk.kit.private_files import write_private

_LIFE = timedelta(days=5 * 365)
_RENEWED_BEFORE_END = timedelta(days=30)
_BACKDATED = timedelta(hours=1)  # for clocks that differ a little

_PLACES = [
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
    x509.DNSName("localhost"),
]


def make_certificates(folder: Path, names: Sequence[str]) -> None:
    """Makes `ca.pem`, and for each name `{name}.pem` with its key and certificate.

    Each is good for a server on this machine and for a client. What is whole and does not end
    soon is kept; otherwise all are made anew together.

    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> make_certificates(folder, ["shop"])
    >>> sorted(path.name for path in folder.iterdir())
    ['ca.pem', 'shop.pem']
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _are_good(folder, names):
        return
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _sign_authority(key)
    for name in names:
        write_private(folder / f"{name}.pem", _new_pair(name, authority, key))
    write_private(folder / "ca.pem", _pem(authority))


def _are_good(folder: Path, names: Sequence[str]) -> bool:
    try:
        authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
        found = [_read_pair(folder / f"{name}.pem") for name in names]
        for certificate in found:
            certificate.verify_directly_issued_by(authority)
    # ValueError: not what such a file holds, or issued by another name.
    except (OSError, ValueError, InvalidSignature):
        return False
    ends = min(certificate.not_valid_after_utc for certificate in [authority, *found])
    return ends - datetime.now(UTC) > _RENEWED_BEFORE_END


def _read_pair(path: Path) -> x509.Certificate:
    both = path.read_bytes()
    key = serialization.load_pem_private_key(both, password=None)
    certificate = x509.load_pem_x509_certificate(both)
    if key.public_key() != certificate.public_key():
        raise ValueError("a key and another key's certificate")
    return certificate


def _sign_authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("Paydesk's own authority")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _new_pair(
    name: str, authority: x509.Certificate, authority_key: ec.EllipticCurvePrivateKey
) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _builder(_name(name), authority.subject, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.SubjectAlternativeName(_PLACES), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private.decode() + _pem(certificate)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _LIFE)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
