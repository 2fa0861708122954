"""BibTeX: an entry ``@misc`` for each case, which every style knows."""

from collections.abc import Iterable, Iterator

from kb.exports import Context, Record
from kb.exports.citing import Reference, reference

_ESCAPES = str.maketrans(
    {
        **{letter: f"\\{letter}" for letter in "&%$#_"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        # A brace by itself, even escaped, would end the field.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
    }
)


def write(records: Iterable[Record], context: Context) -> Iterator[bytes]:
    """Yield one entry for each case."""
    for record in records:
        yield entry(reference(record, context), context).encode()


def entry(told: Reference, context: Context) -> str:
    """Return one entry."""
    title = f"{told.title} [{told.title_en}]" if told.title_en else told.title
    fields = {
        # Braces within: an organisation has no first name, a title keeps its capitals.
        "author": f"{{{_text(told.author)}}}",
        "title": f"{{{_text(title)}}}",
        "year": told.year,
        "howpublished": _text(f"{told.publisher}. {told.number}"),
        "address": _text(told.place),
        "url": told.url,
        "urldate": f"{context.taken:%Y-%m-%d}",
        "language": told.language,
        "keywords": _text(", ".join(each.replace(",", "") for each in told.keywords)),
        "abstract": _text(told.abstract),
        "note": _text(told.licence),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{told.key},", *lines, "}", "", ""])


def _text(text: str) -> str:
    return text.translate(_ESCAPES)
