"""No sentence of a page stands outside the catalogues, and no catalogue says less."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from bench.messages import FOLDER, extracted
from tests.conftest import ROOT
from web.unindented import Unindented

TEMPLATES = ROOT / "web" / "templates"
SPOKEN = {"alt", "aria-label", "aria-description", "content", "placeholder", "title"}
"""Attributes that people read or hear."""
# Names of things that are called the same in every language.
NAMES = {
    "API", "APA", "Atom", "BibTeX", "BY", "CC", "CSL-JSON", "CSV", "EuroVoc", "GeoNames", "JSON",
    "JSON-LD", "Markdown", "OAI-PMH", "OpenAPI", "RIS", "RSS", "SHA-256", "SKOS", "Turtle", "XLSX",
    "YAML", "ZIP",
}  # fmt: skip
_FILLED = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands where something is put in at run time."""


class Bare(HTMLParser):
    """Collects what a page would say that is written in its template."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style", "code"}
        meant = dict(attributes)
        for name, value in attributes:
            if name in SPOKEN and value and not (tag == "meta" and "name" in meant):
                self.said.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style", "code"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def written(path: Path) -> str:
    """Return what stands in a template outside of expressions, in its order."""
    environment = Environment(extensions=["jinja2.ext.i18n", Unindented], trim_blocks=True)  # noqa: S701 - parsed only
    tree = environment.parse(path.read_text(encoding="utf-8"))
    return "".join(_pieces(tree))


def _pieces(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.TemplateData):
        yield node.data
    elif isinstance(node, nodes.Output):
        for child in node.nodes:
            yield child.data if isinstance(child, nodes.TemplateData) else _FILLED
    else:
        for child in node.iter_child_nodes():
            yield from _pieces(child)


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_sentence_of_a_template_stands_outside_the_catalogues(path: Path) -> None:
    page = Bare()
    page.feed(written(path))
    page.close()

    words = [
        text.strip()
        for text in page.said
        if set(re.findall(r"[^\W\d_][\w-]*", text.replace(_FILLED, " "))) - NAMES
    ]
    assert words == []


def test_the_sentences_of_the_code_are_those_of_the_template_of_catalogues() -> None:
    with (FOLDER / "messages.pot").open("rb") as file:
        known = read_po(file)

    assert {m.id for m in extracted()} == {m.id for m in known}, "run make messages"


CATALOGUES = sorted(FOLDER.glob("*.po"))


def marks(text: str) -> tuple[set[str], list[str]]:
    """Return what a translation must keep: what is put in, and the tags around it."""
    filled = re.findall(r"%\(\w+\)[sd]|\{\w*[^{}]*\}", text)
    return set(filled), sorted(re.findall(r"</?[a-z0-9]+", text))


def forms(message: Message) -> Iterator[tuple[str, str]]:
    """Yield the sentence for one, or else for several, with each form of its translation."""
    if isinstance(message.id, str):
        yield message.id, message.string
    else:
        one, several = message.id
        for form in message.string:
            yield (one if marks(form) == marks(one) else several), form


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_says_every_sentence_and_keeps_what_is_put_in(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    told = [message for message in catalogue if message.id]

    assert {m.id for m in told} == {m.id for m in extracted() if m.id}, "run make messages"
    for message in told:
        for sentence, form in forms(message):
            assert form.strip(), sentence
            assert marks(form) == marks(sentence), sentence
            # It stands in attributes of HTML as it is.
            assert '"' not in re.sub("<[^>]*>", "", form) or '"' in sentence, form
            if "%(" in sentence:
                assert "%" not in re.sub(r"%%|%\(\w+\)[sd]", "", form), form
