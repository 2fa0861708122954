"""Cases to measure with: the real ones, and as many generated ones as are asked for.

A generated case is built of blocks (paragraphs, lists, tables, headings) of real cases in its
language, in which every word but the commonest hundred is drawn anew (`lexis`): one in four from
what this case is about. Facets, lengths, and how much is translated have the proportions of the
real cases; cities are drawn from the gazetteer by their population. The same number and seed make
the same cases, and the first of many are those of few.
"""

import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from bench.lexis import SPOKEN, WORD, Lexis, lexes
from kb.formats import md
from kb.model import ENGLISH, PROSE, Case
from kb.nlp.gazetteer import gazetteer
from kb.vocabulary import scheme

FOLDER = Path("corpus")
SEED = 1
_VARIANTS = 8
_KEPT = 0.6
"""Of the commonest words of a block; the others are swapped for each other."""
_TOPIC = 0.25
_TOPIC_WORDS = 24
_FROM_REAL_THEMES = 0.7


def real() -> list[Case]:
    """Return the cases that ship."""
    return [md.read(p.read_bytes(), p.name, _no_guess) for p in sorted(FOLDER.glob("*/*.md"))]


def generated(number: int, seed: int = SEED) -> Iterator[Case]:
    """Yield so many cases, none of them like another."""
    maker = Maker(real())
    for place in range(number):
        yield maker.case(place, np.random.default_rng((seed, place)))


def write(cases: Iterable[Case], folder: Path) -> list[Path]:
    """Write cases as files, a thousand a folder; return where."""
    written = []
    for place, case in enumerate(cases):
        below = folder / f"{place // 1000:03d}"
        below.mkdir(parents=True, exist_ok=True)
        written.append(below / f"{case.id}.md")
        written[-1].write_bytes(md.write(case))
    return written


@dataclass(frozen=True, slots=True)
class Block:
    """A real piece of text with places for words."""

    text: str
    capitals: tuple[bool, ...]
    """For each place, whether its word begins with a capital."""

    def filled(self, words: Iterator[str]) -> str:
        """Return the text with the next words in its places."""
        return self.text % tuple(
            word[0].upper() + word[1:] if capital else word
            for capital, word in zip(self.capitals, words, strict=False)
        )


class Maker:
    """Makes cases after the likeness of real ones."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self._cases = cases
        self._lexes = lexes(_texts(cases))
        chance = np.random.default_rng(SEED)
        self._blocks = {
            language: {name: _blocks(texts, self._lexes[language], chance, name == "body")
                       for name, texts in named.items()}
            for language, named in _named_texts(cases).items()
        }  # fmt: skip
        self._speaking = [case for case in cases if case.original_language in SPOKEN]

    def case(self, place: int, chance: np.random.Generator) -> Case:
        """Return the case of this number."""
        spoken = _one(chance, self._speaking)
        like = _one(chance, self._cases)
        town = self._town(chance, spoken.country or "")
        themes = self._themes(chance)
        told = self._told(spoken.original_language, PROSE, themes, chance)
        told |= self._rows(like, spoken.original_language, town, themes, chance)
        names = [name for name in PROSE if getattr(like, f"{name}_en")]
        if names and spoken.original_language != ENGLISH:
            english = self._told(ENGLISH, names, themes, chance)
            told |= {f"{name}_en": text for name, text in english.items()}
        values = like.as_dict()
        kept = {name: values[name] for name in _AS_IT_IS if name in values}
        return Case.model_validate(
            kept | told | {
                "id": f"case-{place:06d}", "original_language": spoken.original_language,
                "city": town, "country": spoken.country, "themes": themes,
                "start": _start(like, chance),
            }
        )  # fmt: skip

    def _told(
        self,
        language: str,
        names: Iterable[str],
        themes: Sequence[str],
        chance: np.random.Generator,
    ) -> dict[str, str]:
        words = self._words(language, themes, chance)
        return {name: self._text(language, name, words, chance) for name in names}

    def _text(
        self, language: str, name: str, words: Iterator[str], chance: np.random.Generator
    ) -> str:
        blocks = self._blocks[language][name]
        if name != "body":
            return _one(chance, blocks).filled(words)[: _LONGEST[name]].strip()
        wanted = chance.choice(self._lengths)
        found: list[str] = []
        while wanted > 0:
            block = _one(chance, blocks)
            found.append(block.filled(words))
            wanted -= len(found[-1].split())
        return "\n\n".join(found)

    def _words(
        self, language: str, themes: Sequence[str], chance: np.random.Generator
    ) -> Iterator[str]:
        """Yield words without end, one in four of those that the case is about."""
        lexis = self._lexes[language]
        names = [name for theme in themes for name in _names(theme, language)]
        about = np.array([*names, *lexis.draw_rare(chance, _TOPIC_WORDS)], dtype=object)
        about = chance.permutation(about)
        while True:
            drawn = np.array(lexis.draw(chance, 512), dtype=object)
            mine = chance.random(512) < _TOPIC
            places = len(about) ** chance.random(512) - 1
            yield from np.where(mine, about[places.astype(int)], drawn).tolist()

    def _rows(
        self, like: Case, language: str, town: str, themes: Sequence[str],
        chance: np.random.Generator,
    ) -> dict[str, object]:  # fmt: skip
        """Return the rows of a real case with words of this language in place of its own."""
        words = self._words(language, themes, chance)
        values, rows = like.as_dict(), {}
        say = partial(self._text, language, "challenge", words, chance)
        for name in ("conditions", "barriers_and_failures"):
            given = values.get(name, "unknown")
            rows[name] = given if isinstance(given, str) else [
                {"code": row["code"]} | {key: say() for key in ("text", "changed") if key in row}
                for row in given
            ]  # fmt: skip
        rows["outcomes"] = [
            {"indicator": " ".join(islice(words, 5)), "value": row.value, "source": row.source}
            for row in like.outcomes
        ]
        named = (" ".join((next(words), next(words), town)).title() for _ in like.partners)
        rows["partners"] = [{"name": name[:200]} for name in named]
        rows["lead_organisation"] = {"name": f"{next(words)} {next(words)} {town}"[:200]}
        if like.transferability:
            told = {**values["transferability"]}
            if "adapt" in told:
                told["adapt"] = say()
            rows["transferability"] = told
        return rows

    def _town(self, chance: np.random.Generator, country: str) -> str:
        names, chances = self._towns[country]
        return names[int(np.searchsorted(chances, chance.random()))]

    def _themes(self, chance: np.random.Generator) -> list[str]:
        number = len(_one(chance, self._cases).themes)
        pool = [
            _one(chance, _one(chance, self._cases).themes)
            if chance.random() < _FROM_REAL_THEMES
            else _one(chance, self._narrow)
            for _ in range(number)
        ]
        return list(dict.fromkeys(pool))

    @cached_property
    def _narrow(self) -> list[str]:
        return [concept.id for concept in scheme("themes") if concept.broader]

    @cached_property
    def _lengths(self) -> list[int]:
        return [len(case.body.split()) for case in self._cases]

    @cached_property
    def _towns(self) -> Mapping[str, tuple[list[str], np.ndarray]]:
        found = defaultdict(list)
        for town in gazetteer():
            found[town.country].append(town)
        return {
            country: ([town.name for town in towns], _shares([t.population for t in towns]))
            for country, towns in found.items()
        }


_AS_IT_IS = (
    "scale", "target_groups", "innovation_type", "novelty", "stage", "participation_level",
    "evidence", "cost_band", "cost", "funding_programmes", "policy_links", "contact", "licence",
    "sources_and_media",
)  # fmt: skip
_LONGEST = {"title": 150, "summary": 900, "challenge": 1500, "solution": 2000}


def _blocks(
    texts: Iterable[str], lexis: Lexis, chance: np.random.Generator, apart: bool  # noqa: FBT001
) -> list[Block]:  # fmt: skip
    pieces = chain.from_iterable(text.split("\n\n") if apart else [text] for text in texts)
    return [_block(piece, lexis, chance) for piece in pieces for _ in range(_VARIANTS)]


def _block(text: str, lexis: Lexis, chance: np.random.Generator) -> Block:
    capitals: list[bool] = []

    def place(found: re.Match[str]) -> str:
        word = found.group()
        if word.lower() not in lexis.head and len(word) > 1:
            capitals.append(word[0].isupper())
            return "%s"
        return word if chance.random() < _KEPT else _one(chance, lexis.commonest)

    digits = re.sub(r"\d", lambda _: str(chance.integers(10)), text.replace("%", "%%"))
    return Block(WORD.sub(place, digits), tuple(capitals))


def _texts(cases: Iterable[Case]) -> dict[str, list[str]]:
    return {
        language: list(chain.from_iterable(named.values()))
        for language, named in _named_texts(cases).items()
    }


def _named_texts(cases: Iterable[Case]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {code: defaultdict(list) for code in SPOKEN}
    for case in cases:
        for language in set(case.languages) & found.keys():
            for name, text in case.told(language).items():
                found[language][name].append(text)
    return found


def _names(theme: str, language: str) -> list[str]:
    return [text for code, text in scheme("themes")[theme].names() if code == language][:3]


def _start(like: Case, chance: np.random.Generator) -> str:
    year = like.year
    return like.start if year is None else str(min(2026, year + int(chance.integers(-3, 4))))


def _shares(weights: Sequence[int]) -> np.ndarray:
    weighed = np.cumsum(np.array(weights, dtype=float) + 1000)
    return weighed / weighed[-1]


def _one(chance: np.random.Generator, of: Sequence[Any]) -> Any:
    return of[int(chance.integers(len(of)))]


def _no_guess(_text: str) -> tuple[str, str, str]:
    return ("", "", "")


if __name__ == "__main__":
    began = time.process_time()
    files = write(generated(int(sys.argv[1])), Path(sys.argv[2]))
    print(f"{len(files)} cases written, {time.process_time() - began:.0f} s of processor")
