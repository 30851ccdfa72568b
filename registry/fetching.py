"""Reading a small file or a DNS record from an address that somebody else chose, or telling it something.

Whoever can name an address could make this server ask inside its own network. So a name is resolved once, every
address it has must be public, and the connection goes to that very address: a name that answers differently the second
time changes nothing. Only https on its own port, no redirects to other hosts, nothing from the environment, 64 KiB
(unless the caller takes more) and ten seconds in all. What was read is for comparing and hashing.
"""

import asyncio
import ipaddress
import ssl
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urljoin

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver
import httpx

from registry.errors import ColophonError

MAX_BYTES = 64 * 1024
TOTAL_SECONDS = 10.0
DNS_SECONDS = 5.0
MAX_REDIRECTS = 3
MAX_RECORDS = 50
HTTPS_PORT = 443
REDIRECTS = frozenset({301, 302, 303, 307, 308})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Answer = TypeVar("Answer")
AddressRange = ipaddress.IPv4Network | ipaddress.IPv6Network

# Ranges of IPv6 that lead to an IPv4 address inside: 6to4, NAT64 and its local variant, IPv4-compatible.
CARRIERS = tuple(map(ipaddress.IPv6Network, ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "::/96")))


class FetchError(ColophonError):
    """The address was refused, or did not answer as it should. `code` says which."""

    code = "FETCH_FAILED"

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(sentence, **facts)
        self.code = code


@dataclass(frozen=True)
class Network:
    """Where names are asked for and what may be reached; tests name their own servers on the loopback interface."""

    nameservers: tuple[str, ...] = ()  # none: the machine's own
    nameserver_port: int = 53
    allowed: tuple[AddressRange, ...] = ()  # besides public addresses
    port: int = HTTPS_PORT
    scheme: str = "https"
    certificates: ssl.SSLContext | None = None  # none: the public authorities
    total_seconds: float = TOTAL_SECONDS


INTERNET = Network()


@dataclass(frozen=True)
class Fetched:
    """What a server answered: its status, a little content, the address that was connected to.

    `headers` are (name in small letters, value) as they came, none left out; `path` is where redirects led.
    """

    status: int
    content: bytes
    address: str
    headers: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    path: str = field(default="", compare=False)


@dataclass(frozen=True)
class Manner:
    """How a server is asked: by which name, and how much of its answer is taken at most.

    `cut`: an answer that is longer, or compressed, is no fault: its first bytes are taken as they come.
    """

    agent: str = "colophon-domain-check"
    max_bytes: int = MAX_BYTES
    cut: bool = False


@dataclass(frozen=True)
class Message:
    """What is sent to a server: the body, and headers beside those that every request has."""

    content: bytes
    headers: tuple[tuple[str, str], ...] = ()


def fetch(host: str, path: str, *, network: Network = INTERNET, manner: Manner | None = None) -> Fetched:
    """GET `https://<host><path>` under the rules above; `host` is lower case and IDNA-encoded. Raises FetchError."""
    return _run(_fetch(host, path, network, manner or Manner()), network.total_seconds)


def post(
    host: str, path: str, message: Message, *, network: Network = INTERNET, manner: Manner | None = None
) -> Fetched:
    """POST `message` to `https://<host><path>` under the rules above. Follows no redirect. Raises FetchError."""
    return _run(_send(host, path, network, manner or Manner(), message), network.total_seconds)


def txt_records(name: str, *, network: Network = INTERNET) -> list[str]:
    """The TXT records of a name, the parts of each put together; [] where there are none. Raises FetchError."""
    return _run(_txt_records(name, network), network.total_seconds)


def _run(work: Coroutine[Any, Any, Answer], seconds: float) -> Answer:
    """Run to the end or to the deadline: one for everything, so that a server that drips bytes gains nothing."""

    async def in_time() -> Answer:
        async with asyncio.timeout(seconds):
            return await work

    try:
        with ThreadPoolExecutor(max_workers=1) as thread:  # of its own: the caller's may run an event loop
            return thread.submit(asyncio.run, in_time()).result()
    except TimeoutError:
        raise FetchError("TIMED_OUT", f"There was no answer within {seconds:g} seconds.") from None


async def _txt_records(name: str, network: Network) -> list[str]:
    answers = await _ask(name, dns.rdatatype.TXT, network)
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answers[:MAX_RECORDS]]


async def _fetch(host: str, path: str, network: Network, manner: Manner) -> Fetched:
    for _ in range(MAX_REDIRECTS + 1):
        answer = await _send(host, path, network, manner)
        if answer.status not in REDIRECTS:
            return answer
        path = _same_host(host, path, answer.content.decode("ascii", "replace"), network)
    raise FetchError("TOO_MANY_REDIRECTS", f"{host} redirects again and again.", host=host)


async def _send(host: str, path: str, network: Network, manner: Manner, message: Message | None = None) -> Fetched:
    """One request to one address that was looked at. Of a redirect, `content` is the place it points to."""
    address = await _resolve(host, network)
    place = f"[{address}]" if address.version == 6 else str(address)
    headers = {
        "Host": host if network.port == HTTPS_PORT else f"{host}:{network.port}",
        "Accept-Encoding": "identity",
        "User-Agent": manner.agent,
        **dict(message.headers if message else ()),
    }
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=0)
    context = network.certificates or httpx.create_ssl_context(trust_env=False)
    async with httpx.AsyncClient(trust_env=False, verify=context, limits=limits, follow_redirects=False) as client:
        request = client.build_request(
            "POST" if message else "GET",
            f"{network.scheme}://{place}:{network.port}{path}",
            headers=headers,
            content=message.content if message else None,
            extensions={"sni_hostname": host},
        )
        try:
            response = await client.send(request, stream=True)
        except httpx.HTTPError as error:
            raise FetchError("UNREACHABLE", f"{host} did not answer: {type(error).__name__}.", host=host) from None
        try:
            if response.status_code in REDIRECTS:
                target = response.headers.get("Location", "")
                return Fetched(response.status_code, target.encode("ascii", "replace"), str(address))
            content = await _read(response, host, manner)
            return Fetched(response.status_code, content, str(address), _headers(response), path)
        finally:
            await response.aclose()


def _headers(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1").lower(), value.decode("utf-8", "replace")) for name, value in response.headers.raw
    )


async def _read(response: httpx.Response, host: str, manner: Manner) -> bytes:
    """The body as it comes over the line: what is compressed is not unpacked."""
    max_bytes = manner.max_bytes
    if not manner.cut and response.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise FetchError("COMPRESSED", f"{host} answered with compressed content.", host=host)
    content = bytearray()
    try:
        async for part in response.aiter_raw():
            content += part
            if len(content) > max_bytes and manner.cut:
                break
            if len(content) > max_bytes:
                raise FetchError("TOO_LARGE", f"{host} answered with more than {max_bytes} bytes.", host=host)
    except httpx.HTTPError as error:
        raise FetchError("UNREACHABLE", f"{host} stopped answering: {type(error).__name__}.", host=host) from None
    return bytes(content[:max_bytes])


def _same_host(host: str, path: str, target: str, network: Network) -> str:
    """The path that a redirect leads to. It may not leave the host, its scheme or its port."""
    base = f"{network.scheme}://{host}:{network.port}{path}"
    try:
        url = httpx.URL(urljoin(base, target))
    except (httpx.InvalidURL, ValueError):
        raise FetchError("REDIRECT_REFUSED", f"{host} redirects to what is no address.", host=host) from None
    port = url.port or {"https": 443, "http": 80}.get(url.scheme)
    if (url.scheme, url.host, port) != (network.scheme, host, network.port) or url.userinfo:
        raise FetchError("REDIRECT_REFUSED", f"{host} redirects to another address.", host=host)
    return url.raw_path.decode("ascii")


async def _resolve(host: str, network: Network) -> Address:
    """The one address to connect to. A name with a single address that is not public is refused as a whole."""
    found: list[Address] = []
    for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
        found += [ipaddress.ip_address(record.address) for record in await _ask(host, kind, network)]
    if not found:
        raise FetchError("NAME_UNKNOWN", f"{host} has no address.", host=host)
    for address in found:
        if not is_reachable(address, network.allowed):
            raise FetchError("ADDRESS_REFUSED", f"{host} leads to an address that is not public.", host=host)
    return found[0]


def is_reachable(address: Address, allowed: Sequence[AddressRange] = ()) -> bool:
    """Whether a connection to this address may be made: public, and not a wrapping of another one."""
    if any(address in each for each in allowed if each.version == address.version):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.sixtofour or address.teredo or address.is_site_local or address.scope_id:
            return False
        if any(address in carrier for carrier in CARRIERS):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


async def _ask(name: str, kind: dns.rdatatype.RdataType, network: Network) -> list[Any]:
    """The records of one kind; [] where the name or the kind does not exist. Raises FetchError when DNS is silent."""
    resolver = dns.asyncresolver.Resolver(configure=not network.nameservers)
    if network.nameservers:
        resolver.nameservers = list(network.nameservers)
        resolver.port = network.nameserver_port
    resolver.lifetime = min(DNS_SECONDS, network.total_seconds)
    try:
        answer = await resolver.resolve(f"{name}.", kind, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise FetchError("DNS_FAILED", f"DNS gave no answer for {name}: {type(error).__name__}.", host=name) from None
    return list(answer)
