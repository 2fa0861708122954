"""The languages of cases: one row a language, everything else follows from the row.

Stemmers: Snowball (snowballstemmer 3.1) and the dictionaries of simplemma 2.0, which complete each
other (lemma or stem finds 0.96 of inflected words, either alone 0.82-0.85). ``hbs`` is simplemma's
dictionary for Bosnian, Croatian and Serbian. Where neither exists only the word itself is found,
and the row says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Sample:
    """A word as someone asks and another form of it that must be found in a text."""

    asked: str
    written: str


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """What we can do with a language."""

    code: str
    """ISO 639-1."""
    name: str
    endonym: str
    sample: Sample
    snowball: str = ""
    """Algorithm of snowballstemmer; empty where there is none."""
    simplemma: str = ""
    """Code of simplemma's dictionary; empty where there is none."""
    spacy: str = ""
    """Code of spaCy's blank pipeline where it is not the language's own code."""
    compounds: tuple[str, ...] | None = None
    """Letters that may join the parts of a compound; None where words are not joined."""
    stem_changes: bool = False
    """Inflection changes the stem (Finnish kaupunki, kaupungissa), or there is no stemmer: what
    people may type is then learned from the dictionary."""
    telling: tuple[str, ...] = ()
    """Stop words, folded, that say something in a label: *without* turns it round, and the Italian
    list holds nouns."""
    cyrillic: bool = False
    """Written in Cyrillic as well as in Latin script."""

    @property
    def stemmed(self) -> bool:
        """Whether inflected forms are found at all."""
        return bool(self.snowball or self.simplemma)


_GERMANIC = ("", "s", "e")

_ROWS = (
    LanguageRow(
        "bg",
        "Bulgarian",
        "български",
        Sample("град", "градовете"),
        simplemma="bg",
        stem_changes=True,
        telling=("без",),
    ),
    LanguageRow(
        "ca",
        "Catalan",
        "català",
        Sample("habitatge", "habitatges"),
        snowball="catalan",
        simplemma="ca",
        telling=("sense",),
    ),
    LanguageRow(
        "cs",
        "Czech",
        "čeština",
        Sample("město", "městech"),
        snowball="czech",
        simplemma="cs",
        telling=("bez",),
    ),
    LanguageRow(
        "da",
        "Danish",
        "dansk",
        Sample("bolig", "boligerne"),
        snowball="danish",
        simplemma="da",
        compounds=_GERMANIC,
        telling=("uden",),
    ),
    LanguageRow(
        "de",
        "German",
        "Deutsch",
        Sample("Flüchtling", "Flüchtlingen"),
        snowball="german",
        simplemma="de",
        compounds=("", "s", "es", "n", "en", "er", "e"),
        telling=("ohne",),
    ),
    LanguageRow(
        "el",
        "Greek",
        "Ελληνικά",
        Sample("μετανάστες", "μεταναστών"),
        snowball="greek",
        simplemma="el",
        telling=("χωρισ", "διχωσ"),
    ),
    LanguageRow(
        "en",
        "English",
        "English",
        Sample("neighbour", "neighbours"),
        snowball="english",
        simplemma="en",
        telling=("without",),
    ),
    LanguageRow(
        "es",
        "Spanish",
        "español",
        Sample("vivienda", "viviendas"),
        snowball="spanish",
        simplemma="es",
        telling=("sin",),
    ),
    LanguageRow(
        "et",
        "Estonian",
        "eesti",
        Sample("linn", "linnades"),
        snowball="estonian",
        simplemma="et",
        compounds=("",),
        stem_changes=True,
        telling=("ilma",),
    ),
    LanguageRow(
        "fi",
        "Finnish",
        "suomi",
        Sample("kaupunki", "kaupungissa"),
        snowball="finnish",
        simplemma="fi",
        compounds=("", "n"),
        stem_changes=True,
        telling=("ilman", "vailla"),
    ),
    LanguageRow(
        "fr",
        "French",
        "français",
        Sample("chômeur", "chômeurs"),
        snowball="french",
        simplemma="fr",
        telling=("sans",),
    ),
    LanguageRow(
        "ga",
        "Irish",
        "Gaeilge",
        Sample("cathair", "cathracha"),
        snowball="irish",
        simplemma="ga",
        telling=("gan",),
    ),
    LanguageRow(
        "hr",
        "Croatian",
        "hrvatski",
        Sample("grad", "gradovima"),
        snowball="serbian",
        simplemma="hbs",
        stem_changes=True,
        telling=("bez",),
    ),
    LanguageRow(
        "hu",
        "Hungarian",
        "magyar",
        Sample("városok", "városokban"),
        snowball="hungarian",
        simplemma="hu",
        compounds=("",),
        telling=("nelkul",),
    ),
    LanguageRow(
        "is",
        "Icelandic",
        "íslenska",
        Sample("íbúi", "íbúar"),
        simplemma="is",
        compounds=("", "s", "a", "ar"),
        stem_changes=True,
        telling=("an",),
    ),
    LanguageRow(
        "it",
        "Italian",
        "italiano",
        Sample("disoccupato", "disoccupati"),
        snowball="italian",
        simplemma="it",
        telling=("senza", "casa", "lavoro", "vita", "gruppo", "consiglio", "citta"),
    ),
    LanguageRow(
        "lt",
        "Lithuanian",
        "lietuvių",
        Sample("miestas", "miestuose"),
        snowball="lithuanian",
        simplemma="lt",
        telling=("be",),
    ),
    LanguageRow(
        "lv",
        "Latvian",
        "latviešu",
        Sample("pilsēta", "pilsētās"),
        simplemma="lv",
        stem_changes=True,
        telling=("bez",),
    ),
    LanguageRow(
        "mt", "Maltese", "Malti", Sample("belt", "belt"), spacy="xx", telling=("minghajr",)
    ),
    LanguageRow(
        "nl",
        "Dutch",
        "Nederlands",
        Sample("woning", "woningen"),
        snowball="dutch",
        simplemma="nl",
        compounds=("", "s", "en", "e"),
        telling=("zonder",),
    ),
    LanguageRow(
        "no",
        "Norwegian",
        "norsk",
        Sample("kommune", "kommunene"),
        snowball="norwegian",
        simplemma="nb",
        spacy="nb",
        compounds=_GERMANIC,
        telling=("uten",),
    ),
    LanguageRow(
        "pl",
        "Polish",
        "polski",
        Sample("bezdomny", "bezdomnych"),
        snowball="polish",
        simplemma="pl",
        telling=("bez",),
    ),
    LanguageRow(
        "pt",
        "Portuguese",
        "português",
        Sample("cidade", "cidades"),
        snowball="portuguese",
        simplemma="pt",
        telling=("sem",),
    ),
    LanguageRow(
        "ro",
        "Romanian",
        "română",
        Sample("oraș", "orașelor"),
        snowball="romanian",
        simplemma="ro",
        telling=("fara",),
    ),
    LanguageRow(
        "sk",
        "Slovak",
        "slovenčina",
        Sample("mesto", "mestách"),
        simplemma="sk",
        stem_changes=True,
        telling=("bez",),
    ),
    LanguageRow(
        "sl",
        "Slovenian",
        "slovenščina",
        Sample("mesto", "mestih"),
        simplemma="sl",
        stem_changes=True,
        telling=("brez",),
    ),
    LanguageRow(
        "sq",
        "Albanian",
        "shqip",
        Sample("qytet", "qytetet"),
        simplemma="sq",
        stem_changes=True,
        telling=("pa",),
    ),
    LanguageRow(
        "sr",
        "Serbian",
        "srpski",
        Sample("град", "gradovima"),
        snowball="serbian",
        simplemma="hbs",
        stem_changes=True,
        cyrillic=True,
        telling=("bez",),
    ),
    LanguageRow(
        "sv",
        "Swedish",
        "svenska",
        Sample("ungdom", "ungdomar"),
        snowball="swedish",
        simplemma="sv",
        compounds=("", "s", "e"),
        telling=("utan",),
    ),
    LanguageRow(
        "tr",
        "Turkish",
        "Türkçe",
        Sample("belediye", "belediyelerin"),
        snowball="turkish",
        simplemma="tr",
        telling=("olmadan",),
    ),
    LanguageRow(
        "uk",
        "Ukrainian",
        "українська",
        Sample("місто", "містах"),
        simplemma="uk",
        stem_changes=True,
        telling=("без",),
    ),
)

LANGUAGES: Mapping[str, LanguageRow] = MappingProxyType({row.code: row for row in _ROWS})
