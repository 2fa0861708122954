"""Extract the sentences of pages and code, and bring the catalogues up to them.

Usage: python bench/messages.py

``web/translations/messages.pot`` has every sentence that people read, ``<code>.po`` beside it what
each is in a language. A sentence that has changed is a new one, and is translated anew.
"""

from collections.abc import Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "web" / "translations"
METHODS = [("kb/**.py", "python"), ("web/**.py", "python"), ("web/templates/**.html", "jinja2")]
OPTIONS = {"web/templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS: Mapping[str, object] = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_pgettext": ((1, "c"), 2),
    "said": None,
    "term": None,
    "counted": (1, 2),
}
_HEADER = "# Our translation; no native reader has confirmed it yet."


def main() -> None:
    """Write the sentences, and update every catalogue."""
    template = extracted()
    with (FOLDER / "messages.pot").open("wb") as file:
        write_po(file, template, no_location=True, omit_header=True, sort_output=True)
    for path in FOLDER.glob("*.po"):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem)
        _update(catalogue, template)
        with path.open("wb") as file:
            write_po(file, catalogue, no_location=True, ignore_obsolete=True, sort_output=True)


def _update(catalogue: Catalog, template: Catalog) -> None:
    created = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.creation_date = created  # else every catalogue changes with every run
    if "FIRST AUTHOR" in catalogue.header_comment:
        catalogue.header_comment = _HEADER
        catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = ""


def extracted() -> Catalog:
    """Return every sentence that stands in the code, without translations."""
    template = Catalog(charset="utf-8")
    for _, _, message, comments, context in extract_from_dir(
        ROOT, METHODS, OPTIONS, keywords=KEYWORDS
    ):
        template.add(message, auto_comments=comments, context=context)
    return template


if __name__ == "__main__":
    main()
