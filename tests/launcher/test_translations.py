"""The check that keeps the Chinese pages complete, on a small tree of its own."""

import gettext
import io
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import translations

PO = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Works"
msgstr "作品"

msgctxt "verb"
msgid "Search"
msgstr "搜索"

msgid "%(count)s match"
msgid_plural "%(count)s matches"
msgstr[0] "%(count)s 个匹配"

msgid "said \\"so\\"\\n"
msgstr ""
"说“是”\\n"
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "views.py").write_text(
        "from django.utils.translation import gettext_lazy as _, pgettext\n"
        "TITLE = _('Works')\nLABEL = pgettext('verb', 'Search')\nSAID = _('said \"so\"\\n')\n"
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        "{% load i18n %}{% blocktranslate count count=n %}{{ count }} match{% plural %}{{ count }} matches"
        "{% endblocktranslate %} {% translate 'Works' %}"
    )
    catalogue = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES"
    catalogue.mkdir(parents=True)
    (catalogue / "django.po").write_text(PO, encoding="utf-8")
    translations.update(tmp_path)
    return tmp_path


def test_complete_catalogue_has_no_problems(tree: Path) -> None:
    assert translations.problems(tree) == []


def test_message_of_a_template_that_is_not_translated_is_named_with_its_place(tree: Path) -> None:
    (tree / "templates" / "other.html").write_text("{% load i18n %}{% translate 'Datasets' %}")
    (problem,) = translations.problems(tree)
    assert "“Datasets” (templates/other.html) is missing" in problem
    translations.update(tree)
    (problem,) = translations.problems(tree)
    assert "is not translated" in problem


def test_fuzzy_and_unused_messages_are_named(tree: Path) -> None:
    catalogue = tree / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    text = catalogue.read_text(encoding="utf-8").replace('msgid "Works"', '#, fuzzy\nmsgid "Works"')
    catalogue.write_text(text + '\nmsgid "Gone"\nmsgstr "旧"\n', encoding="utf-8")
    sentences = " ".join(translations.problems(tree))
    assert "“Works” (registry/views.py, templates/page.html) is fuzzy" in sentences
    assert "“Gone” is used nowhere" in sentences


def test_stale_compiled_catalogue_is_named(tree: Path) -> None:
    catalogue = tree / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    catalogue.write_text(catalogue.read_text(encoding="utf-8").replace("作品", "著作"), encoding="utf-8")
    assert "django.mo beside it is not up to date" in " ".join(translations.problems(tree))


def test_compiled_catalogue_is_read_by_python_as_written() -> None:
    compiled = gettext.GNUTranslations(io.BytesIO(translations.compile_catalogue(translations.read_catalogue(PO))))
    assert compiled.gettext("Works") == "作品"
    assert compiled.pgettext("verb", "Search") == "搜索"
    assert compiled.ngettext("%(count)s match", "%(count)s matches", 2) == "%(count)s 个匹配"
    assert compiled.gettext('said "so"\n') == "说“是”\n"


@pytest.mark.skipif(not shutil.which("msgunfmt"), reason="GNU gettext is not installed (msgunfmt)")
def test_compiled_catalogue_is_read_by_gettext_as_written(tmp_path: Path) -> None:
    path = tmp_path / "django.mo"
    path.write_bytes(translations.compile_catalogue(translations.read_catalogue(PO)))
    said = subprocess.run(["msgunfmt", "--no-wrap", str(path)], capture_output=True, check=True)
    entries = translations.read_catalogue(said.stdout.decode())
    assert {key: entry.translations for key, entry in entries.items()} == {
        key: entry.translations for key, entry in translations.read_catalogue(PO).items()
    }
