"""What people can type, by example; the start page and the help page show the same ones."""

from dataclasses import dataclass

from kb.saying import term


@dataclass(frozen=True, slots=True)
class Example:
    """Words to type, and what they do."""

    words: str
    effect: str
    language: str = "en"
    on_start: bool = False


EXAMPLES = (
    Example(
        "homelessness", term("one word; its other forms and its meaning count too"), on_start=True
    ),
    Example(
        "bezdomność",
        term("the same question in Polish finds cases in all languages"),
        "pl",
        on_start=True,
    ),
    Example("Langzeitarbeitslose", term("so does German, compounds included"), "de", on_start=True),
    Example(
        "orçamento participativo",
        term("two words: a case must have both, in any form or language"),
        "pt",
        on_start=True,
    ),
    Example('"housing first"', term("in quotation marks: exactly these words in this order")),
    Example("hostel OR shelter", term("OR in capitals: one of the two is enough")),
    Example("housing -shelter", term("a minus leaves out cases with that word")),
    Example("neighbour*", term("a star stands for any ending, after at least three letters")),
    Example(
        "country:Finland", term("the name of a filter and a colon: only cases with that value")
    ),
)
