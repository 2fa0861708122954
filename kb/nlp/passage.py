"""The piece of a sentence that is shown as evidence."""

LENGTH = 300
"""Characters; two to three lines on a page of results."""


def cut(text: str, start: int, end: int) -> str:
    """Return ``text``, or where it is too long what stands around ``text[start:end]``, whole words.

    A single word longer than a passage is cut.
    """
    if len(text) <= LENGTH:
        return text.strip()
    margin = max(0, LENGTH - (end - start)) // 2
    first = max(0, min(start - margin, len(text) - LENGTH))
    return text[_word_start(text, first, start) : _word_end(text, first + LENGTH, end)].strip()


def _word_start(text: str, first: int, start: int) -> int:
    if first == 0 or text[first - 1].isspace():
        return first
    space = text.find(" ", first, start)
    return first if space < 0 else space + 1


def _word_end(text: str, last: int, end: int) -> int:
    if last >= len(text) or text[last].isspace():
        return last
    space = text.rfind(" ", end, last)
    return last if space < 0 else space
