"""A language that nobody speaks: each sentence is 40 % longer, and shows that it was translated."""

import re
from math import ceil
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bench.messages import extracted

LONGER = 0.4
_KEPT = re.compile(r"%\(\w+\)[sd]|%%|\{[^{}]*\}|<[^>]*>|&\w+;")
_WORD = re.compile(r"[^\W\d_]+")


def pseudo(text: str) -> str:
    """Return the sentence with each word drawn out; what is put in and tags stay as they are."""
    pieces, reached = [], 0
    for kept in _KEPT.finditer(text):
        pieces += [_drawn(text[reached : kept.start()]), kept.group()]
        reached = kept.end()
    return "".join([*pieces, _drawn(text[reached:])])


def write(folder: Path, code: str) -> None:
    """Write the catalogue of every sentence there is as that of the language ``code``."""
    catalogue = Catalog(locale=code, charset="utf-8")
    for message in extracted():
        if not message.id:
            continue
        if isinstance(message.id, str):
            said: str | tuple[str, ...] = pseudo(message.id)
        else:
            one, several = map(pseudo, message.id)
            said = (one, *[several] * (catalogue.num_plurals - 1))
        catalogue.add(message.id, said, context=message.context)
    with (folder / f"{code}.po").open("wb") as file:
        write_po(file, catalogue)


def _drawn(text: str) -> str:
    return _WORD.sub(lambda word: word.group() + "ø" * ceil(LONGER * len(word.group())), text)
