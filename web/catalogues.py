"""The catalogues of sentences: gettext, one file a language (``web/translations/<code>.po``).

They are read as they are edited, so that nothing has to be compiled, and each when it is first
needed.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).with_name("translations")
ENGLISH = "en"
"""The language of the sentences in the code."""
CONFIRMED: frozenset[str] = frozenset()
"""Languages whose catalogue a native reader has confirmed."""


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages in which the pages can be read, English the first."""
    return (ENGLISH, *sorted(path.stem for path in FOLDER.glob("*.po")))


def unconfirmed() -> tuple[str, ...]:
    """Return the languages into which the sentences are translated by us alone."""
    return tuple(code for code in languages() if code not in {ENGLISH, *CONFIRMED})


@cache
def catalogue(code: str) -> NullTranslations:
    """Return the sentences of a language; of English, and of one that has none, no sentence."""
    if code not in languages() or code == ENGLISH:
        return NullTranslations()
    with (FOLDER / f"{code}.po").open("rb") as file:
        read = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)
