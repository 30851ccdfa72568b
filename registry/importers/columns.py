"""Columns of a table: the fields they can be mapped to, and the names by which they are recognised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

# field → the headings it is recognised by, folded by `_fold`, the likeliest first
SYNONYMS: dict[str, tuple[str, ...]] = {
    "record_reference": (
        *("recordreference", "reference", "ref", "recordid", "workid", "bookid", "titleid", "productid", "productcode"),
        *(
            "gutenbergid",
            "docid",
            "ourreference",
            "sku",
            "id",
            "记录编号",
            "作品编号",
            "图书编号",
            "编号",
            "記錄編號",
            "編號",
        ),
    ),
    "title": (
        *("title", "worktitle", "booktitle", "fulltitle", "titleproper", "titleofwork", "name", "shorttitle"),
        *(
            "originaltitle",
            "书名",
            "題名",
            "题名",
            "书名题名",
            "作品名称",
            "作品名",
            "名称",
            "正题名",
            "標題",
            "标题",
            "書名",
        ),
    ),
    "subtitle": (
        "subtitle",
        "subtitleofwork",
        "othertitleinformation",
        "副标题",
        "副题名",
        "副書名",
        "副书名",
        "副標題",
    ),
    "author": (
        *("author", "authors", "authorname", "authornames", "creator", "creators", "writer", "by", "mainauthor"),
        *("contributor", "contributors", "作者", "著者", "责任者", "著作者", "作者姓名", "責任者", "编著者"),
    ),
    "editor": ("editor", "editors", "editedby", "编者", "主编", "编辑者", "編者", "主編"),
    "translator": ("translator", "translators", "translatedby", "译者", "翻译", "翻译者", "譯者"),
    "year": (
        *("year", "publicationyear", "yearofpublication", "pubyear", "publicationdate", "pubdate", "published"),
        *("dateofpublication", "publishdate", "yearpublished", "date", "inferreddate", "imprintdate", "copyrightyear"),
        *("出版年", "出版年份", "出版日期", "出版时间", "年份", "出版年月", "出版時間", "日期"),
    ),
    "first_published": (
        *("firstpublished", "firstpublication", "yearoffirstpublication", "dateoffirstpublication", "firstpub"),
        *(
            "originalpublicationyear",
            "originalyear",
            "originallypublished",
            "首版年",
            "首次出版",
            "首次发表",
            "初版年",
            "首版时间",
        ),
    ),
    "publisher": (
        *(
            "publisher",
            "publishername",
            "publishinghouse",
            "press",
            "imprint",
            "出版社",
            "出版者",
            "出版商",
            "出版单位",
        ),
        *("出版機構", "出版机构"),
    ),
    "isbn": (
        *(
            "isbn13",
            "isbn",
            "isbn10",
            "ean",
            "ean13",
            "printisbn",
            "ebookisbn",
            "eisbn",
            "pisbn",
            "isbns",
            "isbnnumber",
        ),
        *("isbnhardback", "isbnpaperback", "isbnepub", "国际标准书号", "书号", "書號", "isbn号", "isbn書號"),
    ),
    "doi": ("doi", "doiname", "digitalobjectidentifier"),
    "issn": ("issn", "eissn", "pissn", "issnl"),
    "iscc": ("iscc", "iscccode"),
    "asin": ("asin",),
    "oclc": ("oclc", "oclcnumber", "oclcno"),
    "lccn": ("lccn", "locnum"),
    "language": (
        *("language", "languages", "lang", "languagecode", "languageoftext", "语言", "语种", "文种", "語言", "語種"),
        *("正文语种",),
    ),
    "original_language": ("originallanguage", "translatedfrom", "原文语种", "原著语言", "原文語種"),
    "kind": ("kind", "type", "worktype", "typeofwork", "genre", "作品类型", "类型", "体裁", "類型"),
    "country": ("country", "countryofpublication", "countrycode", "countryoforigin", "国家", "国别", "出版国", "國家"),
    "series": ("series", "seriestitle", "seriesname", "collection", "丛书", "丛书名", "系列", "叢書", "丛编"),
    "volume": (
        "volume",
        "vol",
        "volumenumber",
        "seriesnumber",
        "number",
        "enumcron",
        "卷",
        "卷次",
        "册",
        "册次",
        "卷號",
    ),
    "edition": ("edition", "editionstatement", "ed", "editionnumber", "版次", "版本"),
    "holder": (
        *("holder", "rightsholder", "copyrightholder", "copyrightowner", "rightsowner", "owner", "rightholder"),
        *("权利人", "版权人", "著作权人", "版权所有者", "權利人", "著作權人", "版权方"),
    ),
    "description": (
        "description",
        "abstract",
        "summary",
        "blurb",
        "annotation",
        "内容简介",
        "简介",
        "摘要",
        "內容簡介",
    ),
}
FIELDS = tuple(SYNONYMS)
# Fields that several columns may feed: two ISBN columns, first and second author
REPEATABLE = frozenset(("author", "editor", "translator", "isbn", "issn", "doi"))
_RANKS = {heading: (field, rank) for field, headings in SYNONYMS.items() for rank, heading in enumerate(headings)}
_NUMBERED = re.compile(r"\d{1,2}$")


def propose_fields(columns: Sequence[str]) -> dict[str, str]:
    """Column → field for the headings that are recognised; one column a field, but for those that may repeat.

    `Author 1`, `Author 2` are recognised as `Author` is.
    """
    best: dict[str, tuple[int, str]] = {}
    proposed: dict[str, str] = {}
    for column in columns:
        found = recognise(column)
        if found is None:
            continue
        field, rank = found
        if field in REPEATABLE:
            proposed[column] = field
        elif field not in best or rank < best[field][0]:
            best[field] = (rank, column)
    proposed.update({column: field for field, (_, column) in best.items()})
    return {column: proposed[column] for column in columns if column in proposed}


def recognise(heading: str) -> tuple[str, int] | None:
    """The field of a heading, and how far down the list of its names it stands."""
    folded = _fold(heading)
    found = _RANKS.get(folded) or _RANKS.get(_NUMBERED.sub("", folded))
    return found if found and len(folded) <= 40 else None


def name_columns(cells: Sequence[str]) -> tuple[str, ...]:
    """Names that are never empty nor given twice: "column C" for an empty heading, "Title (2)" for the second one."""
    names: list[str] = []
    taken: set[str] = set()
    for index, cell in enumerate(cells):
        wanted = " ".join(cell.split())[:100] or f"column {letter(index)}"
        name, count = wanted, 1
        while name in taken:
            count += 1
            name = f"{wanted} ({count})"
        taken.add(name)
        names.append(name)
    return tuple(names)


def letter(index: int) -> str:
    """The letters that spreadsheets give a column, counted from 0: A … Z, AA …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def positions(columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, list[int]]:
    """Field → the places of its columns."""
    placed: dict[str, list[int]] = {}
    for index, column in enumerate(columns):
        field = mapping.get(column)
        if field:
            placed.setdefault(field, []).append(index)
    return placed


def _fold(heading: str) -> str:
    """Letters and digits alone, compatibility forms unified, lower case: "ISBN-13" → isbn13, "作者 (Author)" → 作者."""
    text = re.sub(r"[(（\[【].*?[)）\]】]", "", unicodedata.normalize("NFKC", heading)) or heading
    return "".join(character for character in text.casefold() if character.isalnum())
