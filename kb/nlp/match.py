"""One place where a label stands in a text."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kb.nlp.labels import Label
from kb.nlp.pipeline import Sentence, stop_words
from kb.text import Word, fold


@dataclass(frozen=True, slots=True)
class Match:
    """A label found in a sentence."""

    label: Label
    at: tuple[int, ...]
    """The numbers of its words in the sentence, in the order of the text."""
    ordered: bool
    """The label has its words in the same order."""
    head: bool
    """Only the last part of a compound was found."""
    sentence: Sentence
    language: str
    tokens: Sequence[Word] = field(repr=False, compare=False)

    @property
    def text(self) -> str:
        """The words that were read as the concept, as they are written."""
        return " ".join(self.tokens[number].text for number in self.at)

    @property
    def together(self) -> bool:
        """Whether its words follow each other, but for words that a label would leave out."""
        span = self.tokens[self.at[0] : self.at[-1] + 1]
        content = [token for token in span if fold(token.text) not in stop_words(self.language)]
        return len(content) <= len(self.at)

    @property
    def start(self) -> int:
        """Where its first word begins in the sentence."""
        return self.tokens[self.at[0]].start

    @property
    def end(self) -> int:
        """Where its last word ends in the sentence."""
        return self.tokens[self.at[-1]].end
