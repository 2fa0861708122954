"""What a person typed, as clauses. It never refuses: what is no operator is a word.

    housing first            both words
    "housing first"          the words in this order
    housing -hostel          not the second
    hostel OR shelter        one of the two
    country:FI, city:"Le Puy"  a value of a facet
    homeles*                 words that begin so, from three letters

The limits keep every question cheap: one token of 100 kB cost the engine's own parser 15 s, 2,000
alternatives cost 5 s and 105 MB, 5,000 brackets overflowed its stack.
"""

import re
from dataclasses import dataclass
from typing import Literal

from kb.saying import said
from kb.search.fields import FACET_NAMES
from kb.text import fold, words

MAX_CHARACTERS = 512
MAX_WORD = 64
MAX_ATOMS = 32
MAX_PREFIXES = 2
MIN_PREFIX = 3

Kind = Literal["word", "phrase", "prefix", "field"]

_OR = "OR"
_TOKEN = re.compile(
    r"""(?P<minus>-?)(?:
        (?P<field>[a-z]+):(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s"]+))
      | "(?P<phrase>[^"]*)"
      | (?P<bare>\S+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Atom:
    """One thing that a case can match."""

    kind: Kind
    text: str
    """As it was typed, without operators."""
    words: tuple[str, ...] = ()
    """The words of it, as typed; folded for a prefix."""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """Alternatives of which a case must (or must not) match one."""

    atoms: tuple[Atom, ...]
    negated: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is one bare word, which a long question may leave unmatched."""
        return not self.negated and len(self.atoms) == 1 and self.atoms[0].kind == "word"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question in clauses, and what was left out of it, in words."""

    clauses: tuple[Clause, ...]
    notes: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """Read what was typed; raises nothing, whatever it is."""
    notes = []
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        notes.append(said("Only the first {count} characters were searched.", count=MAX_CHARACTERS))
    reader = _Reader()
    tokens = list(_TOKEN.finditer(text))
    beside_or = {n + step for n, t in enumerate(tokens) if t.group() == _OR for step in (-1, 1)}
    for number, token in enumerate(tokens):
        reader.take(token, whole=number in beside_or)
    return Parsed(tuple(reader.clauses), (*notes, *reader.notes))


class _Reader:
    def __init__(self) -> None:
        self.clauses: list[Clause] = []
        self.notes: list[str] = []
        self._atoms = 0
        self._prefixes = 0
        self._or = False

    def take(self, token: re.Match[str], *, whole: bool) -> None:
        """Take in the next token; ``whole`` if an operator means all of its words together."""
        if token.group() == _OR:
            self._or = bool(self.clauses)
            return
        negated = bool(token["minus"])
        atoms = self._atoms_of(token)
        if len(atoms) > 1 and (negated or whole):  # -well-known, hostel OR sans-abri
            parts = tuple(atom.text for atom in atoms)
            atoms = [Atom("phrase", " ".join(parts), parts[:MAX_ATOMS])]
        for atom in atoms:
            if self._atoms == MAX_ATOMS:
                self._note(said("Only the first {count} words were searched.", count=MAX_ATOMS))
                return
            self._atoms += 1
            self._add(atom, negated=negated)

    def _add(self, atom: Atom, *, negated: bool) -> None:
        joined = self._or and not negated and not self.clauses[-1].negated
        if joined:
            self.clauses[-1] = Clause((*self.clauses[-1].atoms, atom))
        else:
            self.clauses.append(Clause((atom,), negated))
        self._or = False

    def _atoms_of(self, token: re.Match[str]) -> list[Atom]:
        if token["field"] in FACET_NAMES:
            value = token["quoted"] if token["quoted"] is not None else token["value"]
            if value.strip():
                return [Atom("field", value.strip(), field=token["field"])]
        if token["phrase"] is not None:
            phrase = tuple(word.text[:MAX_WORD] for word in words(token["phrase"]))
            if len(phrase) > 1:
                return [Atom("phrase", " ".join(phrase), phrase[:MAX_ATOMS])]
        bare = token["bare"] or ""
        if bare.endswith("*") and (prefix := self._prefix(bare[:-1])):
            return [prefix]
        found = [word.text for word in words(token.group().removeprefix("-"))]
        if any(len(word) > MAX_WORD for word in found):
            self._note(
                said("Of long words only the first {count} letters were searched.", count=MAX_WORD)
            )
        return [Atom("word", word[:MAX_WORD], (word[:MAX_WORD],)) for word in found]

    def _prefix(self, text: str) -> Atom | None:
        folded = fold(text)
        if len(folded) < MIN_PREFIX or not folded.isalnum():
            return None
        self._prefixes += 1
        if self._prefixes > MAX_PREFIXES:
            self._note(
                said(
                    "Only the first {count} beginnings of words were searched as such.",
                    count=MAX_PREFIXES,
                )
            )
            return None
        return Atom("prefix", text, (folded[:MAX_WORD],))

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
