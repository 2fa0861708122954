"""spaCy's trained pipelines, where an operator has installed some. None is needed, none is guessed.

A pipeline is judged by its own description before anything of it is loaded: names on package
indexes can be squatted, and one made for another spaCy warns and then reads nonsense.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import entry_points
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from kb.languages import LANGUAGES

if TYPE_CHECKING:
    from spacy.language import Language

LOG = logging.getLogger(__name__)

_GROUP = "spacy_models"  # under which a pipeline says that it is there
# Names are read without them; they take nine tenths of the time.
_UNREAD = ("tagger", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer")


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained pipeline that fits the installed spaCy."""

    package: str
    version: str
    language: str
    """A code of ``LANGUAGES``."""

    def __str__(self) -> str:
        """Render as ``fr_core_news_sm-3.8.0``."""
        return f"{self.package}-{self.version}"


@cache
def installed() -> Mapping[str, Trained]:
    """Return the pipelines that can be used, by language; nothing of them is loaded.

    Of two for a language the first by name is taken: ``lg`` before ``md`` before ``sm``.
    """
    packages = sorted({found.value for found in entry_points(group=_GROUP)}, reverse=True)
    return MappingProxyType({each.language: each for each in _usable(packages)})


@lru_cache(maxsize=1)  # one takes up to a gigabyte
def load(trained: Trained) -> "Language | None":
    """Load a pipeline; return None, and say so in the log, where it is broken."""
    import spacy

    try:
        return spacy.load(trained.package, exclude=_UNREAD)
    except Exception as err:  # noqa: BLE001 - whatever stands in a package that is not ours
        LOG.warning("going on without the pipeline %s, which cannot be loaded: %s", trained, err)
        return None


def _usable(packages: Iterable[str]) -> Iterator[Trained]:
    ours = {row.spacy or code: code for code, row in LANGUAGES.items()}
    for package in packages:
        meta = _meta(package)
        if meta.get("lang") not in ours:
            LOG.warning("the pipeline %s is for none of our languages, and not used", package)
        elif not _fits(str(meta.get("spacy_version", ""))):
            LOG.warning(
                "the pipeline %s is for spaCy %s, and not used; install one for %s",
                package,
                meta.get("spacy_version", "of any version"),
                installed_version("spacy"),
            )
        else:
            yield Trained(package, str(meta.get("version", "0")), ours[meta["lang"]])


def _meta(package: str) -> dict[str, Any]:
    """Return what a package says of itself, nothing if it cannot be read."""
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    try:
        read = json.loads((Path((folders or [""])[0]) / "meta.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _fits(wanted: str) -> bool:
    """Tell whether the installed spaCy is among those that a pipeline names."""
    try:
        versions = SpecifierSet(wanted, prereleases=True)
    except InvalidSpecifier:
        return False
    return bool(wanted) and versions.contains(installed_version("spacy"))
