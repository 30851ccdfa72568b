"""The pages of passages: one self-contained HTML file a match, and an index. No script, nothing from elsewhere."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

from ingest.sureness import in_percent, likelihood
from licensing.evidence.collect import Finding, Matched
from licensing.evidence.comparison import Piece
from licensing.evidence.excerpts import Shown, Side, passages
from licensing.evidence.wording import Wording, percent, shown

STYLE = """
:root{color-scheme:light dark;--line:#8886;--soft:#8882;--mark:#ffd54a;--ink:#1b1b1b}
body{font:16px/1.55 system-ui,"Noto Sans","Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;
margin:0 auto;max-width:78rem;padding:1.5rem}
h1{font-size:1.5rem;line-height:1.3;margin:.2rem 0 .6rem}h2{font-size:1.1rem;margin:2rem 0 .4rem}
h3{font-size:.95rem;margin:.2rem 0 .5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:1rem 0}
dt{opacity:.75}dd{margin:0;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
.side{border:1px solid var(--line);border-radius:.4rem;padding:.7rem 1rem;min-width:0}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
.context{opacity:.6}mark{background:var(--mark);color:var(--ink);text-decoration:underline dotted;border-radius:.15rem}
.gap{display:block;margin:.6rem 0;padding:.15rem .6rem;background:var(--soft);font-size:.875rem;white-space:normal}
table{border-collapse:collapse;width:100%;margin:1rem 0}caption{text-align:start;padding:.3rem 0}
th,td{text-align:start;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
td{overflow-wrap:anywhere}td:nth-child(n+3){overflow-wrap:normal}td:nth-child(n+4){white-space:nowrap}
.scroll{overflow-x:auto}.note{opacity:.8}
@media(max-width:44rem){.pair{grid-template-columns:1fr}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media print{.side{break-inside:avoid}}
"""
FOLDER = "passages"


class Listed(NamedTuple):
    """A page as the list of all pages names it."""

    page: str
    work: str
    document: str
    verdict: str
    confidence: float | None


def page_name(finding: Finding, match: Matched) -> str:
    """Where a match's page stands in the bundle."""
    return f"{FOLDER}/{match.number:06d}-{finding.work['id']}.html"


def match_page(finding: Finding, match: Matched, words: Wording) -> bytes:
    """The page of one match: what it is, then every passage side by side."""
    line = match.line
    facts = [
        (words.say("page.work"), _isolated(finding.work["title"]) + _by(finding)),
        (words.say("page.work_id"), _code(finding.work["id"])),
        (words.say("page.document"), _isolated(match.document)),
        (words.say("page.document_sha256"), _code(match.document_sha256)),
        (words.say("page.relation"), escape(words.word("relation", line["relation"]))),
        (words.say("page.coverage_work"), escape(percent(line["coverage_work"]))),
        (words.say("page.coverage_document"), escape(percent(line["coverage_document"]))),
        (words.say("page.matched_words"), shown(line["matched_words"])),
        (words.say("page.longest"), shown(line["longest_verbatim_words"])),
        (words.say("page.identity"), escape(percent(line["identity"]))),
        (words.say("page.confidence"), escape(_sure(match.confidence, words))),
        (words.say("page.verdict"), escape(words.word("verdict", finding.verdict))),
    ]
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in facts)
    rows = passages(match.passages)
    body = [
        f'<p><a href="index.html">{escape(words.say("page.all"))}</a></p>',
        f"<h1>{_isolated(finding.work['title'])}</h1>",
        f"<dl>{listed}</dl>",
        f'<p class="note">{escape(words.say("page.how_to_read"))} {escape(words.say("page.how_sure"))}</p>',
        *(_passage(row, finding, words) for row in rows if row.document is not None),
        _offsets_only([row for row in rows if row.document is None], words),
        _shared(match, finding, words),
    ]
    return _document(words.say("page.title", work=finding.work["title"]), "".join(body), words)


def _by(finding: Finding) -> str:
    return f" · {_isolated(finding.work['authors'])}" if finding.work["authors"] else ""


def _sure(confidence: float | None, words: Wording) -> str:
    """How sure a match is, in number and words."""
    if confidence is None:
        return words.say("page.not_estimated")
    said = words.word("likelihood", likelihood(confidence))
    return words.say("page.sure", confidence=in_percent(confidence), likelihood=said)


def _shared(match: Matched, finding: Finding, words: Wording) -> str:
    """What many other works have as well: shown like passages, under its own heading, counted nowhere."""
    rows = passages(match.boilerplate)
    if not rows:
        return ""
    return "".join(
        [
            f'<h2 id="shared">{escape(words.say("page.shared"))}</h2>',
            f'<p class="note">{escape(words.say("page.shared_note"))}</p>',
            *(_passage(row, finding, words, "shared_stretch") for row in rows if row.document is not None),
            _offsets_only([row for row in rows if row.document is None], words),
        ]
    )


def _passage(row: Shown, finding: Finding, words: Wording, name: str = "passage") -> str:
    """Both sides under a line that says what they are; `name`: a passage, or a stretch of shared text."""
    summary = words.say(f"page.{name}", number=row.number, words=row.words, identity=percent(row.identity))
    if row.precision == "sketch":
        summary = f"{summary} {words.say('page.sketch')}"
    assert row.document is not None
    work = _side(row.work, "work", finding.work["language"], words) if row.work else _not_held(row, words)
    return (
        f'<h2 id="{name}-{row.number}">{escape(summary)}</h2><div class="pair">'
        f"{_side(row.document, 'document', '', words)}{work}</div>"
    )


def _side(side: Side, name: str, language: str, words: Wording) -> str:
    title = words.say(f"page.{name}_side", start=side.chars[0], end=side.chars[1])
    gap = words.say("page.omitted", start=side.omitted[0], end=side.omitted[1]) if side.omitted else ""
    text = [
        _context(side.before),
        *map(_piece, side.head),
        f'<span class="gap">{escape(gap)}</span>' if gap else "",
        *map(_piece, side.tail),
        _context(side.after),
    ]
    attribute = f' lang="{escape(language)}"' if language else ""
    return (
        f'<section class="side"><h3>{escape(title)}</h3>'
        f'<p class="text" dir="auto"{attribute}>{"".join(text)}</p></section>'
    )


def _context(text: str) -> str:
    return f'<span class="context">{escape(text)}</span>' if text else ""


def _piece(piece: Piece) -> str:
    return f"<mark>{escape(piece.text)}</mark>" if piece.differs else escape(piece.text)


def _not_held(row: Shown, words: Wording) -> str:
    title = words.say("page.work_side", start=row.work_chars[0], end=row.work_chars[1])
    return f'<section class="side"><h3>{escape(title)}</h3><p>{escape(words.say("page.not_held"))}</p></section>'


def _offsets_only(rows: list[Shown], words: Wording) -> str:
    if not rows:
        return ""
    head = "".join(
        f"<th>{escape(words.say(f'page.{name}'))}</th>" for name in ("number", "document_chars", "work_chars")
    )
    cells = "".join(
        f"<tr><td>{row.number}</td><td>{row.document_chars[0]}–{row.document_chars[1]}</td>"
        f"<td>{row.work_chars[0]}–{row.work_chars[1]}</td></tr>"
        for row in rows
    )
    return f"<table><caption>{escape(words.say('page.more'))}</caption><tr>{head}</tr>{cells}</table>"


def index_page(rows: Iterable[Listed], total: int, words: Wording) -> Iterator[bytes]:
    """The list of all pages, in pieces; `total` counts all matches."""
    names = ("work", "document", "verdict", "confidence")
    head = "".join(f'<th scope="col">{escape(words.say(f"page.{name}"))}</th>' for name in names)
    title = words.say("page.index_title")
    begin, end = _document(title, "\0", words).split(b"\0")
    yield begin
    yield f"<h1>{escape(title)}</h1>".encode()
    written = 0
    yield f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>'.encode()
    for row in rows:
        written += 1
        link = f'<a href="{escape(row.page.removeprefix(f"{FOLDER}/"))}">{_isolated(row.work)}</a>'
        cells = [link, _isolated(row.document), escape(words.word("verdict", row.verdict))]
        cells.append(escape(in_percent(row.confidence)))
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>".encode("utf-8", "replace")
    yield b"</tbody></table></div>"
    note = words.say("page.none") if not total else words.say("page.count", shown=written, total=total)
    yield f"<p>{escape(note)}</p>".encode()
    yield end


def _isolated(text: str) -> str:
    """A name in its own direction, whatever the text around it runs in."""
    return f'<bdi dir="auto">{escape(text)}</bdi>'


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _document(title: str, body: str, words: Wording) -> bytes:
    language = {"en": "en", "zh-hans": "zh-Hans"}[words.language]
    return (
        f'<!doctype html><html lang="{language}" dir="ltr"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>\n"
    ).encode("utf-8", "replace")
