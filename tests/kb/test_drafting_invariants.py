"""What holds for every document: nothing without a passage, nothing that the model refuses."""

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.drafting import document
from kb.document import Block, Document
from kb.drafting import Proposal, propose
from kb.formats import md
from kb.model import Case

CORPUS = sorted((Path(__file__).parents[2] / "corpus").glob("*/*.md"))
NEEDED = {"id": "draft", "title": "-", "original_language": "en"}

LINES = (
    "City: Łódź", "Start | 2015 | Budget | 120 000 zł", "Since 2015", "The project ended in 2018.",
    "Partner: A, B und C", "Results", "250 people took part.", "reduced by 30 %", "info@city.org",
    "https://example.org/a", "Total cost: € 1.2 million", "Πόλη: Αθήνα", "Град: Варна", "::", " | ",
    "Run by the City of Ghent.", "März 2019", "Challenge", "x" * 400, "1,2,3.4 € 5 6",
)  # fmt: skip
TEXT = st.one_of(st.sampled_from(LINES), st.text(max_size=60))
BLOCK = st.builds(
    Block,
    text=st.lists(TEXT, min_size=1, max_size=4).map("\n".join),
    kind=st.sampled_from(["heading", "paragraph", "item", "row"]),
    level=st.integers(1, 3),
)


def check(read: Document, proposal: Proposal) -> None:
    for receipt in proposal.receipts:
        assert receipt.passage == read.text[receipt.start : receipt.end]
        assert receipt.passage.strip()
    named = {receipt.field for receipt in proposal.receipts}
    for field, value in proposal.values.items():
        paths = [f"{field}.{n}" for n in range(len(value))] if isinstance(value, list) else [field]
        assert named >= set(paths)
    Case.model_validate(NEEDED | proposal.values)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_values_of_the_corpus_have_their_passages(path):
    case = md.read(path.read_bytes(), path.name, lambda _: ("", "", ""))
    read = document(case)

    check(read, propose(read))


@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCK, max_size=8))
def test_values_of_any_document_have_their_passages(blocks):
    read = Document(tuple(blocks))

    check(read, propose(read))


@settings(max_examples=30, deadline=None)
@given(st.lists(BLOCK, max_size=8))
def test_decomposed_letters_keep_their_places(blocks):
    nfd = tuple(Block(unicodedata.normalize("NFD", b.text), b.kind, b.level) for b in blocks)
    read = Document(nfd)

    check(read, propose(read))


def test_empty_document_proposes_nothing():
    assert propose(Document(())) == Proposal({}, ())
    assert propose(Document((Block("  \n "),))) == Proposal({}, ())


HOSTILE = {
    "a word": "x" * 600_000,
    "digits": "1" * 600_000,
    "groups": "1 000 " * 100_000,
    "commas": "1," * 300_000,
    "spaces": " " * 600_000 + "x",
    "colons": "City: " * 100_000,
    "cells": "a | " * 150_000,
    "years": "2015-2016-" * 60_000,
    "years in brackets": "(2015–2018)" * 55_000,
    "currency": "€ 1 Mio. " * 66_000,
    "capitals": "Led by Aa " * 60_000,
    "addresses": "a@b." * 150_000,
    "links": "http://" * 85_000,
    "accents": "e\u0301" * 300_000,
    "marks": "\u0301" * 600_000,
    "sentences": "Led by A in 2015. " * 33_000,
    "lines": "City\n" * 120_000,
    "percent": "reduced by 30 % " * 37_000,
    "dashes": " – " * 200_000,
    "brackets": "(" * 600_000,
    "short brackets": ("(" * 499 + " ") * 1_200,
    "short links": ("http://" * 70 + " ") * 1_200,
    "single brackets": "( " * 300_000,
    "prose": "The project was launched by the city in March 2019 and ended in 2021, " * 8_500,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_in_time(name):
    read = Document((Block(HOSTILE[name]),))
    begun = time.process_time()

    check(read, propose(read))

    assert time.process_time() - begun < 20
