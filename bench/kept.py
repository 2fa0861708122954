"""Folders with the cases, sites and peers that are measured: made once, then used by every bench.

`KB_BENCH` says where they lie (default ``.venv/bench``). A site of an older index version is
brought up to date when it is opened, which takes as long as building it.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import corpus
from kb.formats import md
from kb.library import Library, open_library
from kb.model import Case
from kb.search.fields import FACET_NAMES, document
from kb.settings import Settings

ROOT = Path(os.environ.get("KB_BENCH", ".venv/bench"))
OFF = "off"
"""Without the search by meaning: its vectors take 0.3 s a passage."""
REAL = 91
"""This number of cases means those that ship."""


def cases(number: int) -> Iterator[Case]:
    """Yield the cases of a size."""
    yield from corpus.real() if number == REAL else corpus.generated(number)


def first(number: int) -> Case:
    """Return the first case of a size, as its file has it."""
    path = min(files(number).glob("*/*.md"))
    return md.read(path.read_bytes(), path.name, _no_guess)


def files(number: int) -> Path:
    """Return the folder of the files of so many cases, made if need be."""
    folder = ROOT / f"files-{number}"
    if not folder.exists():
        beside = ROOT / f"files-{number}.new"
        shutil.rmtree(beside, ignore_errors=True)
        corpus.write(cases(number), beside)
        beside.rename(folder)
    return folder


def settings(number: int, encoder: str = OFF) -> Settings:
    """Return the settings of the site with so many cases."""
    name = f"data-{number}" if encoder == OFF else f"data-{number}-meaning"
    return Settings(data=ROOT / name, encoder=encoder)


@contextmanager
def site(number: int, encoder: str = OFF) -> Iterator[Library]:
    """Open the site with so many cases, made and brought up to date if need be."""
    library = open_library(settings(number, encoder))
    try:
        if library.status().cases < number:
            # The folder that ships holds the vectors of its cases too.
            library.ingest([corpus.FOLDER if number == REAL else files(number)])
        library.sync()
        library.learn()
        yield library
    finally:
        library.close()


def rows(number: int) -> Path:
    """Return a file with the texts and facets of so many cases, one JSON a line, for the peers."""
    path = ROOT / f"rows-{number}.jsonl"
    if not path.exists():
        beside = path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as out:
            out.writelines(
                json.dumps(row(case), ensure_ascii=False) + "\n" for case in cases(number)
            )
        beside.rename(path)
    return path


def read_rows(number: int) -> list[dict[str, Any]]:
    """Return the texts and facets of so many cases, as the peers are given them."""
    with rows(number).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def row(case: Case) -> dict[str, Any]:
    """Return what a peer is given: the same headings, texts and facets that we index."""
    laid_out = document(case, (), None)
    return {
        "id": case.id,
        "title": "\n".join(text for _, text in laid_out.headings),
        "text": "\n".join(text for _, text in laid_out.texts),
        "facets": {name: laid_out.facets[name] for name in FACET_NAMES},
    }


def _no_guess(_text: str) -> tuple[str, str, str]:
    return ("", "", "")
