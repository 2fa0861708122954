"""Sentences for people, in a form that can be said in other languages: a template and its values.

Here they are English. Whoever shows one looks its template up in the catalogues, and puts the same
values into what is found there (`web.i18n.translated`).
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from string import Formatter
from typing import Any


class Said(str):
    """A sentence that remembers what it was made of; everywhere else it is a plain string."""

    __slots__ = ("singular", "template", "values")

    template: str
    values: Mapping[str, Any]
    """Text, numbers, and sentences within this one."""
    singular: str
    """The template for one, where it depends on the value ``count``; else empty."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        """Take, where input is checked, what `packed` has made."""
        from pydantic_core import core_schema  # what only says something does without it

        return core_schema.no_info_plain_validator_function(unpacked)


def said(template: str, /, **values: Any) -> Said:
    """Put values into a template, as `str.format` does, and keep both.

    ``said("has {count} cells, but the header has {wanted}", count=3, wanted=4)``
    """
    return _made(template, "", values)


def counted(singular: str, plural: str, /, count: int, **values: Any) -> Said:
    """Say it of one or of several; other languages may have more forms of a word than two.

    ``counted("1 picture was left out", "{count:,} pictures were left out", 3)``
    """
    return _made(plural, singular, {"count": count, **values})


def lines(sentences: Iterable[str]) -> Said:
    """Put sentences one below the other; each stays one that can be translated."""
    each = {f"line{number}": sentence for number, sentence in enumerate(sentences)}
    template = "\n".join(f"{{{name}}}" for name in each)
    return said(template, **each)


def verbatim(text: str) -> Said:
    """Make a sentence of a text that stays as it is in every language."""
    return text if isinstance(text, Said) else said(_AS_IT_IS, text=text)


def term(text: str, /) -> str:
    """Return ``text``, which is marked by this as something that people read.

    For what stands in tables that are made before anyone's language is known.
    """
    return text


def packed(sentence: str) -> Any:
    """Return what `unpacked` makes the same sentence of again, ready for JSON."""
    if not isinstance(sentence, Said):
        return str(sentence)
    values = {name: _packed(value) for name, value in sentence.values.items()}
    return {"template": sentence.template, "singular": sentence.singular, "values": values}


def unpacked(told: object) -> Said:
    """Return the sentence that `packed` took apart; a text is one that stays as it is.

    Raises:
        ValueError: it is neither, or its template reaches for more than the values.
    """
    if isinstance(told, str):
        return verbatim(told)
    match told:
        case {"template": str(template), "singular": str(singular), "values": dict(values)}:
            if not (_is_filled(template, values) and _is_filled(singular, values)):
                raise ValueError("is no sentence: its values do not fit")
            return _made(template, singular, {name: _within(each) for name, each in values.items()})
    raise ValueError("is no sentence")


def _made(template: str, singular: str, values: Mapping[str, Any]) -> Said:
    one = singular and values.get("count") == 1
    sentence = Said((singular if one else template).format(**values))
    sentence.template = template
    sentence.values = values
    sentence.singular = singular
    return sentence


def _packed(value: Any) -> Any:
    return packed(value) if isinstance(value, Said) else value


def _within(value: Any) -> Any:
    return unpacked(value) if isinstance(value, dict) else value


def _is_filled(template: str, values: Mapping[str, Any]) -> bool:
    """Tell whether values fill a template, which may not reach into them or fill a memory.

    What was taken apart may come from a process that read a bad file.
    """
    with suppress(ValueError, LookupError, TypeError):
        fields = [(name, layout) for _, name, layout, _ in Formatter().parse(template) if name]
        once = len(dict(fields)) == len(fields)  # a long text many times is a bomb
        if once and all(name in values and layout in _LAYOUTS for name, layout in fields):
            template.format(**values)
            return True
    return False


_AS_IT_IS = "{text}"
_LAYOUTS = ("", ",", ".0%")
"""How numbers are written."""
