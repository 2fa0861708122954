"""What a word that nobody has written was probably meant to be.

The words of cases and labels are the dictionary, so nothing is offered that finds nothing. Distance
is Damerau-Levenshtein in its restricted form (optimal string alignment), over folded words: accents
are no errors, and no word becomes one of another script.
"""

from dataclasses import replace

from kb.languages import LANGUAGES
from kb.query import Correction
from kb.search.parse import Atom, Clause
from kb.search.words.lexicon import Lexicon
from kb.text import fold

# Letters from which on so many of them may be wrong. Of shorter words every neighbour is a word.
_ONE_WRONG = 5
_TWO_WRONG = 9
_CHOICES = 12
MOST_WRONG = 8
"""Words of one question that are held against all others, which takes some milliseconds each."""


def corrected(
    lexicon: Lexicon, clauses: tuple[Clause, ...]
) -> tuple[tuple[Clause, ...], tuple[Correction, ...]]:
    """Put known words in place of those that neither a case nor a label has, and say which."""
    made: dict[str, Correction] = {}
    looked_for: set[str] = set()

    def read(atom: Atom) -> Atom:
        if atom.kind != "word" or _is_known(lexicon, atom.text):
            return atom
        looked_for.add(atom.text)
        meant = neighbour(lexicon, atom.text) if len(looked_for) <= MOST_WRONG else ""
        if not meant:
            return atom
        made[atom.text] = Correction(atom.text, meant, applied=True)
        return replace(atom, text=meant)

    found = tuple(
        clause if clause.negated else replace(clause, atoms=tuple(map(read, clause.atoms)))
        for clause in clauses
    )
    return found, tuple(made.values())


def neighbour(lexicon: Lexicon, word: str) -> str:
    """Return the nearest other word of cases and labels, folded, or nothing if none is near."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    typed = fold(word)
    if len(typed) < _ONE_WRONG or not typed.isalpha():
        return ""
    most = 1 if len(typed) < _TWO_WRONG else 2
    choices = {choice for choice in lexicon.near(typed, most) if choice != typed}
    found = extract(typed, sorted(choices), scorer=OSA.distance, score_cutoff=most, limit=_CHOICES)
    ranked = [(distance, not _is_likely(typed, choice), choice) for choice, distance, _ in found]
    return str(min(ranked)[2]) if ranked else ""


def _is_known(lexicon: Lexicon, word: str) -> bool:
    return lexicon.is_stop(word) or lexicon.is_said(lexicon.tokens(word, LANGUAGES.keys()))


def _is_likely(typed: str, choice: str) -> bool:
    """Tell whether the error is of the usual kind: letters swapped, doubled or left out."""
    return typed[0] == choice[0] and set(typed) == set(choice)
