"""What people can type, by example: on the start page, and with what it does on the help page."""

from dataclasses import dataclass

from kb.saying import term


@dataclass(frozen=True, slots=True)
class Example:
    """Words to type, and what they do."""

    words: str
    effect: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Question:
    """Something that one can ask, as judged questions do (``bench/questions.jsonl``)."""

    language: str
    words: str
    theme: str
    """What it is about: the start page says it to those who do not read the language."""


EXAMPLES = (
    Example("homelessness", term("one word; its other forms and its meaning count too")),
    Example(
        "bezdomność",
        term("the same question in Polish finds cases in all languages"),
        "pl",
    ),
    Example("Langzeitarbeitslose", term("so does German, compounds included"), "de"),
    Example(
        "orçamento participativo",
        term("two words: a case must have both, in any form or language"),
        "pt",
    ),
    Example('"housing first"', term("in quotation marks: exactly these words in this order")),
    Example("hostel OR shelter", term("OR in capitals: one of the two is enough")),
    Example("housing -shelter", term("a minus leaves out cases with that word")),
    Example("neighbour*", term("a star stands for any ending, after at least three letters")),
    Example(
        "country:Finland", term("the name of a filter and a colon: only cases with that value")
    ),
)

OWN = (
    Question("en", "affordable cooperative housing", "05.3"),
    Question("bg", "достъпни жилища жилищна кооперация", "05.3"),
    Question("ca", "habitatge cooperatiu en cessió d'ús", "05.3"),
    Question("cs", "jak zaměstnat lidi, kteří jsou roky bez práce", "01.2"),
    Question("da", "billige andelsboliger", "05.3"),
    Question("de", "wie bekommt man Langzeitarbeitslose in feste Stellen", "01.2"),
    Question("el", "πώς να βρουν δουλειά όσοι είναι χρόνια άνεργοι", "01.2"),
    Question("es", "cómo dar empleo a parados de larga duración", "01.2"),
    Question("et", "kuidas anda tööd pikaajalistele töötutele", "01.2"),
    Question("fi", "miten työllistää vuosia työttömänä olleita", "01.2"),
    Question("fr", "comment embaucher des chômeurs de longue durée", "01.2"),
    Question("ga", "tithíocht chomharchumainn inacmhainne", "05.3"),
    Question("hr", "kako zaposliti ljude koji su godinama bez posla", "01.2"),
    Question("hu", "hogyan lehet munkát adni az évek óta állástalanoknak", "01.2"),
    Question("is", "flóttafólk vinna námskeið", "07.2"),
    Question("it", "come dare lavoro a chi è disoccupato da anni", "01.2"),
    Question("lt", "įperkamas kooperatinis būstas", "05.3"),
    Question("lv", "kā nodarbināt cilvēkus, kas gadiem ir bez darba", "01.2"),
    Question("mt", "djar bi prezz raġonevoli kooperattiva", "05.3"),
    Question("nl", "statushouders werk opleiding", "07.2"),
    Question("no", "rimelige borettslag boligsamvirke", "05.3"),
    Question("pl", "jak zatrudnić ludzi od lat pozostających bez pracy", "01.2"),
    Question("pt", "como dar emprego a desempregados de longa duração", "01.2"),
    Question("ro", "cum să angajezi oameni fără loc de muncă de ani de zile", "01.2"),
    Question("sk", "ako zamestnať ľudí, ktorí sú roky bez práce", "01.2"),
    Question("sl", "kako zaposliti ljudi, ki so že leta brez dela", "01.2"),
    Question("sr", "izbeglice zapošljavanje obuka", "07.2"),
    Question("sv", "hur man anställer folk som varit arbetslösa i många år", "01.2"),
    Question("tr", "yıllardır işsiz olan insanlara nasıl iş verilir", "01.2"),
    Question("uk", "як працевлаштувати людей, які роками без роботи", "01.2"),
)
"""One question in each language; of those that are judged, one that finds good cases first."""

OTHERS = (
    Question("pl", "tymczasowe wykorzystanie pustostanów", "05.6"),
    Question("pt", "orçamento participativo", "18.1"),
    Question("fr", "cantines bio locales", "15.2"),
)
"""Questions for those who read other languages: what they find is in still others."""

_SHOWN = 3


def questions(reader: str) -> tuple[Question, ...]:
    """Return three questions in three languages, the first one in the reader's."""
    own = [each for each in OWN if each.language == reader]
    return (*own, *(each for each in OTHERS if each.language != reader))[:_SHOWN]
