"""HTTPS to a pinned address: the certificate is still that of the name."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.websearch.conftest import HOST, LIMITS
from tests.websearch.site import Names, Site, StandIns, open_site
from trinax.websearch.connection import Connection
from trinax.websearch.failures import PageFailed
from trinax.websearch.fetching import Fetcher

OTHER = "other.example"


def certificate(name: str) -> bytes:
    """Certificate and key in PEM, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(called, called, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM) + private


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "site.pem"
    file.write_bytes(certificate(HOST))
    return file


@pytest.fixture(scope="module")
def secure(pem: Path) -> Iterator[Site]:
    with open_site(str(pem)) as site:
        site.put("/", "<p>Hello")
        yield site


@pytest.fixture
def trusting(pem: Path) -> Fetcher:
    """Trusts the site's certificate, and reaches it under two names."""
    trusted = Connection(ssl.create_default_context(cafile=str(pem)))
    return Fetcher(trusted, StandIns(Names(), HOST, OTHER), LIMITS)


async def test_the_certificate_is_checked_against_the_name(trusting: Fetcher, secure: Site) -> None:
    assert (await trusting.fetch(secure.at(HOST, scheme="https"))).content == b"<p>Hello"


async def test_the_certificate_of_another_name_is_refused(trusting: Fetcher, secure: Site) -> None:
    with pytest.raises(PageFailed, match="connection failed"):
        await trusting.fetch(secure.at(OTHER, scheme="https"))


async def test_a_certificate_of_nobody_known_is_refused(fetcher: Fetcher, secure: Site) -> None:
    with pytest.raises(PageFailed, match="connection failed"):
        await fetcher.fetch(secure.at(HOST, scheme="https"))
