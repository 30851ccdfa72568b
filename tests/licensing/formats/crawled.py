"""Crawl records for tests: WARC 1.0, gzipped record by record or plain."""

import gzip

Page = tuple[str, str, dict[str, str], bytes]  # address, moment, headers, content


def warc(*pages: Page, gzipped: bool = True, status: str = "200 OK") -> bytes:
    """A file with a response for each page."""
    records = [_record(*one, status=status) for one in pages]
    return b"".join(gzip.compress(one, mtime=0) if gzipped else one for one in records)


def _record(address: str, moment: str, headers: dict[str, str], content: bytes, *, status: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    answer = f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + content
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\nWARC-Date: {moment}\r\n"
        "WARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-123456789abc>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def robots(host: str = "press.example", moment: str = "2024-03-01T10:00:00Z", text: str = "") -> Page:
    """A robots.txt that keeps everybody away, unless it says something else."""
    content = text or "User-agent: *\nDisallow: /\nContent-Usage: train-ai=n\n"
    return (f"https://{host}/robots.txt", moment, {"Content-Type": "text/plain"}, content.encode())


def page(path: str, moment: str = "2024-03-01T10:00:00Z", html: str = "<p>Hello</p>", **headers: str) -> Page:
    """A page of press.example."""
    named = {"Content-Type": "text/html"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return (f"https://press.example{path}", moment, named, html.encode())
