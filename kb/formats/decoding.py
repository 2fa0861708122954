"""Bytes to text: UTF-8, or what they most probably are, and never a guess that nobody can see."""

from kb.errors import Problem, RefusedFileError
from kb.text import normalise

MAX_BYTES = 20_000_000
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def decode(data: bytes, file: str, *, guess: bool) -> str:
    """Return the text of a file, composed (NFC) and with newlines as line ends.

    Args:
        data: the whole file.
        file: its name, for messages.
        guess: whether an older encoding may be guessed; a file with fields must be UTF-8, because a
            wrong guess would change names silently.

    Raises:
        RefusedFileError: it is empty, too large, holds NUL, or cannot be read as text.
    """
    if len(data) > MAX_BYTES:
        raise _refused(file, "the file has more than 20 MB", "split it")
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as err:
        if not guess:
            line = data[: err.start].count(b"\n") + 1
            byte = f"byte 0x{data[err.start]:02x}"
            raise _refused(file, f"{byte} is not UTF-8", "save the file as UTF-8", line) from err
        text = _guessed(data, file)
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise _refused(file, "holds the character NUL", "save it as plain text", line)
    if not text.strip():
        raise _refused(file, "the file is empty", "write the case into it")
    return normalise(text)


def _guessed(data: bytes, file: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise _refused(file, "its encoding is not known", "save the file as UTF-8")
    return str(best)


def _refused(file: str, message: str, remedy: str, line: int | None = None) -> RefusedFileError:
    return RefusedFileError([Problem(file, message, remedy, line)])
