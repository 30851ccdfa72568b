"""Reading from an address that somebody else chose: only public places, once resolved, little, soon, here."""

import asyncio
import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from registry import fetching
from registry.fetching import Fetched, FetchError
from tests.registry import network_stub
from tests.registry.network_stub import Internet

HOST = "press.example"
PATH = "/.well-known/colophon-challenge.txt"


@pytest.fixture
def internet() -> Iterator[Internet]:
    with network_stub.running() as internet:
        internet.host(HOST)
        yield internet


def fetch(internet: Internet, host: str = HOST) -> Fetched:
    return fetching.fetch(host, PATH, network=internet.network)


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(FetchError) as caught:
        work()
    return caught.value.code


def test_a_small_page_is_read_with_the_address_it_came_from(internet: Internet) -> None:
    internet.page(HOST, PATH, "hello")
    assert fetch(internet) == Fetched(200, b"hello", "127.0.0.1")
    assert internet.got == [(HOST, PATH)]


def test_a_caller_with_a_running_loop_gets_the_same(internet: Internet) -> None:
    internet.page(HOST, PATH, "hello")

    async def within() -> Fetched:
        return fetch(internet)

    assert asyncio.run(within()).content == b"hello"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::a00:1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused_before_anything_is_sent(internet: Internet, address: str) -> None:
    assert not fetching.is_reachable(ipaddress.ip_address(address))
    internet.network = replace(internet.network, allowed=())
    internet.host(HOST, address)
    assert refused(lambda: fetch(internet)) == "ADDRESS_REFUSED"
    assert internet.got == []


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111"])
def test_public_addresses_are_reachable(address: str) -> None:
    assert fetching.is_reachable(ipaddress.ip_address(address))


@given(st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address))
def test_wrapping_an_address_in_another_family_never_opens_it(address: ipaddress.IPv4Address) -> None:
    wrapped = [0xFFFF << 32, 0x2002 << 112, 0x64FF9B << 96]
    shifted = [int(address), int(address) << 80, int(address)]
    for prefix, value in zip(wrapped, shifted, strict=True):
        assert not fetching.is_reachable(ipaddress.IPv6Address(prefix | value))


def test_one_private_address_among_public_ones_refuses_the_name(internet: Internet) -> None:
    internet.host(HOST, "8.8.8.8", "10.0.0.1")
    internet.network = replace(internet.network, allowed=())
    assert refused(lambda: fetch(internet)) == "ADDRESS_REFUSED"


def test_a_name_that_answers_differently_the_second_time_is_asked_once(internet: Internet) -> None:
    internet.page(HOST, PATH, "first")
    internet.records[HOST, "A"] = [["127.0.0.1"], ["127.0.0.2"]]  # rebinding
    assert fetch(internet).address == "127.0.0.1"
    assert internet.asked.count((HOST, "A")) == 1


def test_a_redirect_on_the_same_host_is_followed_and_looked_at_again(internet: Internet) -> None:
    internet.page(HOST, PATH, "", 301, Location="/challenge.txt")
    internet.page(HOST, "/challenge.txt", "here")
    assert fetch(internet).content == b"here"
    assert internet.asked.count((HOST, "A")) == 2
    internet.network = replace(internet.network, allowed=(ipaddress.ip_network("127.0.0.1/32"),))
    internet.records[HOST, "A"] = [["127.0.0.1"], ["127.0.0.2"]]
    assert refused(lambda: fetch(internet)) == "ADDRESS_REFUSED"


@pytest.mark.parametrize(
    "target",
    [
        "http://other.example/", "//other.example/", "https://press.example/", "http://press.example:1/x",
        "http://user@press.example/", "ftp://press.example/", "http://127.0.0.1/", "http://[", "http://169.254.169.254/",
    ],
)  # fmt: skip
def test_a_redirect_to_anywhere_else_is_refused(internet: Internet, target: str) -> None:
    internet.page(HOST, PATH, "", 302, Location=target)
    assert refused(lambda: fetch(internet)) == "REDIRECT_REFUSED"
    assert internet.got == [(HOST, PATH)]


def test_redirects_in_a_ring_end(internet: Internet) -> None:
    internet.page(HOST, PATH, "", 302, Location=PATH)
    assert refused(lambda: fetch(internet)) == "TOO_MANY_REDIRECTS"
    assert len(internet.got) == fetching.MAX_REDIRECTS + 1


def test_more_than_sixty_four_kilobytes_are_not_read(internet: Internet) -> None:
    internet.page(HOST, PATH, b"x" * fetching.MAX_BYTES)
    assert len(fetch(internet).content) == fetching.MAX_BYTES
    internet.page(HOST, PATH, b"x" * (fetching.MAX_BYTES + 1))
    assert refused(lambda: fetch(internet)) == "TOO_LARGE"


def test_what_is_compressed_is_not_unpacked(internet: Internet) -> None:
    internet.page(HOST, PATH, gzip.compress(b"0" * 10_000_000), Content_Encoding="gzip")
    assert refused(lambda: fetch(internet)) == "COMPRESSED"


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_is_left_after_the_time_for_everything(internet: Internet, beginning: bytes) -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while not over.wait(0.05):
            connection.sendall(b"x")

    internet.pages[HOST, PATH] = drip
    internet.network = replace(internet.network, total_seconds=0.5)
    begun = time.monotonic()
    assert refused(lambda: fetch(internet)) == "TIMED_OUT"
    over.set()
    assert time.monotonic() - begun < 3


def test_a_server_that_speaks_no_http_or_hangs_up_is_unreachable(internet: Internet) -> None:
    for said in (b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab"):
        internet.pages[HOST, PATH] = lambda connection, said=said: connection.sendall(said)  # type: ignore[misc]
        assert refused(lambda: fetch(internet)) == "UNREACHABLE"


def test_a_name_nobody_knows_has_no_address(internet: Internet) -> None:
    assert refused(lambda: fetch(internet, "nobody.example")) == "NAME_UNKNOWN"


def test_a_silent_name_server_is_not_waited_for(internet: Internet) -> None:
    internet.silent = True
    internet.network = replace(internet.network, total_seconds=0.4)
    assert refused(lambda: fetch(internet)) in ("TIMED_OUT", "DNS_FAILED")


def test_nothing_is_taken_from_the_environment(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    internet.page(HOST, PATH, "direct")
    assert fetch(internet).content == b"direct"


def test_text_records_are_put_together_from_their_parts(internet: Internet) -> None:
    internet.records["_x.press.example", "TXT"] = [['"one " "record"', '"another"']]
    found = fetching.txt_records("_x.press.example", network=internet.network)
    assert sorted(found) == ["another", "one record"]
    assert fetching.txt_records("_none.example", network=internet.network) == []


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(of the server, of a client that trusts it): a certificate for `host` alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=signed.public_bytes(serialization.Encoding.PEM).decode())


def test_a_certificate_has_to_name_the_host_although_the_address_is_pinned(tmp_path: Path) -> None:
    with network_stub.running(certificate(tmp_path, HOST)) as internet:
        for host in (HOST, "other.example"):
            internet.host(host)
            internet.page(host, PATH, "secret")
        assert fetch(internet).content == b"secret"
        assert refused(lambda: fetch(internet, "other.example")) == "UNREACHABLE"
        internet.network = replace(internet.network, certificates=None)  # the public authorities do not know it
        assert refused(lambda: fetch(internet)) == "UNREACHABLE"


def test_headers_come_with_the_answer_and_so_does_the_path_that_a_redirect_led_to(internet: Internet) -> None:
    internet.page(HOST, PATH, "", 302, Location="/elsewhere")
    internet.page(HOST, "/elsewhere", "hello", tdm_reservation="1")
    answer = fetch(internet)
    assert ("tdm-reservation", "1") in answer.headers
    assert answer.path == "/elsewhere"


def test_a_caller_may_take_more_and_still_not_all(internet: Internet) -> None:
    internet.page(HOST, PATH, b"x" * 100_000)
    manner = fetching.Manner("a-reader", 100_000)
    assert len(fetching.fetch(HOST, PATH, network=internet.network, manner=manner).content) == 100_000
    internet.page(HOST, PATH, b"x" * 100_001)
    assert refused(lambda: fetching.fetch(HOST, PATH, network=internet.network, manner=manner)) == "TOO_LARGE"
