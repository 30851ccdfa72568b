"""A small internet on the loopback interface: a name server and a web server that a test fills."""

import http.server
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from registry.fetching import Network

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
Answer = tuple[int, dict[str, str], bytes] | Callable[[socket.socket], None]


@dataclass
class Internet:
    """`records`: (name, kind) → values, one list an asking, the last one repeated; `pages`: (host, path) → answer."""

    network: Network
    records: dict[tuple[str, str], list[list[str]]] = field(default_factory=dict)
    pages: dict[tuple[str, str], Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    got: list[tuple[str, str]] = field(default_factory=list)
    posted: list[tuple[dict[str, str], bytes]] = field(default_factory=list)  # headers in small letters, body
    silent: bool = False  # the name server gives no answer at all

    def host(self, name: str, *addresses: str) -> None:
        """Give a host its addresses; the loopback one where none is named."""
        for kind, of_kind in (("A", lambda a: ":" not in a), ("AAAA", lambda a: ":" in a)):
            self.records[name, kind] = [[each for each in addresses or ("127.0.0.1",) if of_kind(each)]]

    def txt(self, name: str, *values: str) -> None:
        """Give a name its TXT records."""
        self.records[name, "TXT"] = [[f'"{value}"' for value in values]]

    def page(self, host: str, path: str, body: bytes | str, status: int = 200, **headers: str) -> None:
        """Put a page on a host."""
        content = body.encode() if isinstance(body, str) else body
        self.pages[host, path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, content)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """What the name server says."""
        response = dns.message.make_response(query)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        turns = self.records.get((name, kind))
        if turns is None:
            if not any(known == name for known, _ in self.records):
                response.set_rcode(dns.rcode.NXDOMAIN)
            return response
        values = turns.pop(0) if len(turns) > 1 else turns[0]
        if values:
            response.answer.append(dns.rrset.from_text(question.name, 0, "IN", kind, *values))
        return response


@contextmanager
def running(certificates: tuple[ssl.SSLContext, ssl.SSLContext] | None = None) -> Iterator[Internet]:
    """Both servers until the end of the test; with (server, client) contexts the web server speaks https."""
    with ExitStack() as stack:
        names = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        names.bind(("127.0.0.1", 0))
        internet = Internet(Network(nameservers=("127.0.0.1",), nameserver_port=names.getsockname()[1]))
        stack.enter_context(_thread(lambda: _serve_names(names, internet)))
        stack.callback(lambda: names.sendto(b"", names.getsockname()))
        server = stack.enter_context(http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(internet)))
        server.daemon_threads = True
        if certificates:
            server.socket = certificates[0].wrap_socket(server.socket, server_side=True)
        stack.enter_context(_thread(lambda: server.serve_forever(poll_interval=0.02)))
        stack.callback(server.shutdown)
        internet.network = replace(
            internet.network,
            allowed=(LOOPBACK,),
            port=server.server_port,
            scheme="https" if certificates else "http",
            certificates=certificates[1] if certificates else None,
        )
        yield internet


@contextmanager
def _thread(work: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    thread.join(timeout=5)


def _serve_names(names: socket.socket, internet: Internet) -> None:
    while True:
        data, sender = names.recvfrom(4096)
        if not data:
            return
        if not internet.silent:
            names.sendto(internet.answer(dns.message.from_wire(data)).to_wire(), sender)


def _handler(internet: Internet) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            internet.posted.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.do_GET()

        def do_GET(self) -> None:
            host = self.headers["Host"].rpartition(":")[0]
            internet.got.append((host, self.path))
            answer = internet.pages.get((host, self.path), (404, {}, b"nothing here"))
            if callable(answer):
                with suppress(OSError):
                    answer(self.connection)
                self.close_connection = True
                return
            status, headers, body = answer
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
