"""Text of an XHTML tree: text nodes in order, a newline after block elements, white space collapsed outside `pre`."""

from __future__ import annotations

import re

from lxml import etree

WHITE_SPACE = re.compile(r"[ \t\r\n\f]+")
SKIPPED = frozenset(("head", "script", "style", "template", "metadata", "title"))
BLOCKS = frozenset(
    """
    address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol optgroup option p pre section summary
    table tbody td tfoot th thead tr ul bodymatter book frontmatter level1 level2 level3 level4 level5 level6 rearmatter
    """.split()  # noqa: SIM905
)


class TextBuilder:
    """Collects text; knows whether it stands at the start of a line and whether a space is due."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._at_line_start = True
        self._space_due = False

    def add(self, text: str, *, verbatim: bool) -> None:
        """A text node, as it is (inside `pre`) or with its white space collapsed."""
        if verbatim:
            if text:
                self._settle_space()
                self._pieces.append(text)
                self._at_line_start = text.endswith("\n")
            return
        words = WHITE_SPACE.sub(" ", text)
        if words.startswith(" "):
            self._space_due = not self._at_line_start
            words = words[1:]
        if not words:
            return
        self._settle_space()
        self._space_due = words.endswith(" ")
        self._pieces.append(words[:-1] if self._space_due else words)
        self._at_line_start = False

    def end_line(self) -> None:
        """A newline, unless the line is empty: blocks inside blocks end once."""
        self._space_due = False
        if not self._at_line_start:
            self._pieces.append("\n")
            self._at_line_start = True

    def _settle_space(self) -> None:
        if self._space_due:
            self._pieces.append(" ")
            self._space_due = False

    def text(self) -> str:
        """What was collected."""
        return "".join(self._pieces)


def extract_text(root: etree._Element) -> str:
    """The text of `root`, comments, scripts and the head left out."""
    # Entities stay unexpanded in the tree; like comments they go, and the text behind them stays.
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction, etree.Entity)
    builder = TextBuilder()
    verbatim_depth = 0
    skipped: etree._Element | None = None
    for event, node in etree.iterwalk(root, events=("start", "end")):
        name = etree.QName(node).localname.lower()
        if event == "start" and skipped is None:
            if name in SKIPPED:
                skipped = node
                continue
            verbatim_depth += name == "pre"
            if name in BLOCKS:
                builder.end_line()
            builder.add(node.text or "", verbatim=verbatim_depth > 0)
        elif event == "end" and (skipped is None or skipped is node):
            if skipped is None:
                verbatim_depth -= name == "pre"
                if name in BLOCKS:
                    builder.end_line()
            skipped = None
            if node is not root:
                builder.add(node.tail or "", verbatim=verbatim_depth > 0)
    builder.end_line()
    return builder.text()
