"""Plain text: what someone pasted. It becomes a case with gaps, which the page names."""

import re
from pathlib import PurePath

from kb.document import plain
from kb.errors import refused
from kb.formats.decoding import Guess, decode
from kb.formats.problems import case_from
from kb.model import Case
from kb.saying import said
from kb.text import fold

_TITLE_LENGTH = 150
_SUMMARY_LENGTH = 900


def read(data: bytes, file: str, guess: Guess) -> Case:
    """Read a text: its first line is the title, language and place are guessed, all is the body.

    Raises:
        RefusedFileError: it is no text, or its language is none of ours.
    """
    text = decode(data, file, lambda text: guess(text)[0]).strip()
    language, city, country = guess(text)
    if not language:
        raise refused(
            file,
            said("its language is not recognised"),
            said("save it as .md and give the language"),
        )
    first, _, rest = text.partition("\n")
    values = {
        "id": slug(PurePath(file).stem),
        "title": _shortened(_headline(first), _TITLE_LENGTH),
        "summary": _shortened((rest or first).strip().partition("\n")[0], _SUMMARY_LENGTH),
        "original_language": language,
        "body": _markdown(text),
    }
    place = {"city": city, "country": country} if city else {}
    return case_from(values | place, file, lambda _path: None, complete=False)


def slug(name: str) -> str:
    """Make an id of a name: folded, words joined by hyphens, at most 100 characters."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:100].strip("-") or "case"


def _headline(line: str) -> str:
    """Cut an overlong first line where its first part ends, as headlines are built."""
    if len(line) <= _TITLE_LENGTH:
        return line
    return re.split(r"\s+[-–—|]\s+", line, maxsplit=1)[0]


def _shortened(text: str, length: int) -> str:
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def _markdown(text: str) -> str:
    """Keep a text from being read as Markdown: only its lines mean something."""
    return "\n".join(plain(line.lstrip()) for line in text.split("\n"))
