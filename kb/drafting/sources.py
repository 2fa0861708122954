"""The addresses that a document gives for what it says."""

import re
from collections.abc import Iterator

from kb.drafting.proposal import Found
from kb.drafting.source import Source

MOST = 20
_ADDRESS = re.compile(r"(?:https?://|www\.|doi:10\.)[^\s<>\"|]{3,500}")
_VALID = re.compile(r"https?://[^\s<>\"]+\.[^\s<>\"]+|doi:10\.\S+")


def find(source: Source) -> Iterator[Found]:
    """Yield each address once, in the order of the text."""
    found: dict[str, tuple[int, int]] = {}
    for match in _ADDRESS.finditer(source.text):
        text = _whole(match.group())
        url = f"https://{text}" if text.startswith("www.") else text
        if _VALID.fullmatch(url) and len(found) < MOST:
            found.setdefault(url, (match.start(), match.start() + len(text)))
    for number, (url, (start, end)) in enumerate(found.items()):
        row = {"id": f"s{number + 1}", "url": url, "type": "web"}
        yield Found(f"sources_and_media.{number}", row, start, end, url)


def _whole(text: str) -> str:
    """Cut off what closes the sentence or the bracket around an address."""
    text = text.rstrip(".,;:!?'’”»*_")
    if text.endswith(")") and text.count(")") > text.count("("):
        return text[:-1].rstrip(".,;:!?")
    return text.rstrip("]}")
