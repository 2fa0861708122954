"""Texts that a spreadsheet would take for a formula, and how CSV says that they are none.

A cell that begins with one of these characters, also after spaces, is computed by spreadsheets
(OWASP, CSV Injection); an apostrophe before it makes it a text. Texts that begin with apostrophes
and then such a character get one more, so that `bare` undoes what `guarded` did.
"""

import re

_FORMULA = re.compile(r"'*\s*[=+\-@\t\r＝＋－＠]")


def guarded(text: str) -> str:
    """Return the text with an apostrophe before it if a spreadsheet would compute it."""
    return f"'{text}" if _FORMULA.match(text) else text


def bare(text: str) -> str:
    """Return the text that `guarded` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
