"""The bytes of an RTF file as words, signs, and text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?"
    rb"|\\'([0-9a-fA-F]{2})"
    rb"|(\\[^a-zA-Z]|[{}])"
    rb"|([^\\{}\r\n\0]+)"
    rb"|[\r\n\0\\]",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One of three things."""

    word: str = ""
    """Without its backslash."""
    number: int | None = None
    """What stands after the word."""
    sign: str = ""
    """A brace, or a backslash and what follows it."""
    raw: bytes = b""
    """Text in the encoding of its font."""


def tokens(data: bytes) -> Iterator[Token]:
    """Yield the tokens of a file from its first brace on, without what is no RTF among them."""
    place = data.index(b"{")
    while found := _TOKEN.match(data, place):
        place = found.end()
        word, number, code, sign, text = found.groups()
        if word == b"bin":
            place += max(int(number or 0), 0)
        elif word:
            yield Token(word.decode(), None if number is None else int(number))
        elif code:
            yield Token(raw=bytes.fromhex(code.decode()))
        elif sign:
            yield Token(sign=sign.decode("latin-1"))
        elif text:
            yield Token(raw=text)
