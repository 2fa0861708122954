import os
from pathlib import Path

import pytest

from kb.nlp.gazetteer import FILE
from kb.nlp.places import gazetteer, home, mentions


def named(text: str, language: str) -> set[str]:
    return {mention.place.name for mention in mentions(text, language)}


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("Wien", "Vienna"), ("Bécs", "Vienna"), ("vienne", "Vienna"), ("Köln", "Köln"),
        ("Cologne", "Köln"), ("Αθήνα", "Athens"), ("Варна", "Varna"), ("Den Haag", "The Hague"),
        ("İstanbul", "Istanbul"), ("Cluj Napoca", "Cluj-Napoca"), ("Lisboa", "Lisbon"),
    ],
)  # fmt: skip
def test_find_knows_every_name_of_a_place(name: str, official: str) -> None:
    place = gazetteer().find(name)

    assert place is not None
    assert place.name == official


def test_find_prefers_the_largest_and_keeps_to_the_country() -> None:
    largest, french = gazetteer().find("Vienne"), gazetteer().find("Vienne", "FR")

    assert largest is not None
    assert largest.country == "AT"
    assert french is not None
    assert french.country == "FR"


@pytest.mark.parametrize("name", ["", "Gotham City", "bai lin"])
def test_find_knows_no_inventions(name: str) -> None:
    assert gazetteer().find(name) is None


def test_countries_are_those_of_large_or_official_names() -> None:
    assert gazetteer().countries("Vienne") == {"AT", "FR"}
    assert gazetteer().countries("Nowhere") == frozenset()


def test_get_returns_the_place_of_an_id() -> None:
    berlin = gazetteer().get("2950159")

    assert berlin is not None
    assert (berlin.name, berlin.country) == ("Berlin", "DE")
    assert gazetteer().get("0") is None


def test_gazetteer_is_small_and_sorted() -> None:
    ids = [int(place.id) for place in gazetteer()]

    assert FILE.stat().st_size <= 1_500_000
    assert ids == sorted(ids)


def test_gazetteer_has_no_codes_of_airports() -> None:
    assert not [name for place in gazetteer() for name in place.names if name.isupper()]


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("fi", "Hanke alkoi Helsingissä.", "Helsinki"),
        ("fi", "Se jatkui Turun kaupungissa.", "Turku"),
        ("pl", "Projekt ruszył w Warszawie.", "Warsaw"),
        ("pl", "Latarnicy pracują w Łodzi.", "Łódź"),
        ("hu", "A program Athénban indult.", "Athens"),
        ("cs", "Projekt běží v Brně.", "Brno"),
        ("el", "Το έργο της Θεσσαλονίκης.", "Thessaloníki"),
        ("el", "Οι κάτοικοι της Καρδίτσας.", "Kardítsa"),
        ("uk", "Проєкт у Києві.", "Kyiv"),
        ("et", "Nii on see Barcelonas.", "Barcelona"),
        ("lt", "Taip yra Gdanske.", "Gdańsk"),
        ("de", "So will es Berlins Senat.", "Berlin"),
        ("bg", "Проектът във Варна.", "Varna"),
        ("tr", "Proje İstanbul'da yürütüldü.", "Istanbul"),
        ("sv", "I Göteborgs kommun.", "Gothenburg"),
        ("lv", "Projekts Rīgā.", "Riga"),
        ("lt", "Projektas Kaune.", "Kaunas"),
        ("et", "See on Tallinnas.", "Tallinn"),
        ("de", "Im Rathaus von Wien.", "Vienna"),
        ("nl", "Zo ging het in Den Haag.", "The Hague"),
        ("mt", "Il-Belt Valletta.", "Valletta"),
        ("hr", "Projekt u Splitu.", "Split"),
        ("fr", "Elle vit à Nice.", "Nice"),
    ],
)
def test_mentions_read_inflected_names(language: str, text: str, place: str) -> None:
    assert place in named(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Hier stehen die Namen von allen. In der Mitte hilft man beim Essen."),
        ("de", "Seit der Pest gab es im Raum und im Norden kein Center, kein Alter."),
        ("de", "Der Split liegt in der Halle. Alle kamen zum Siegen."),
        ("en", "Nice results. They split the costs. The Split was fair, a very Nice Idea."),
        ("en", "Bath rooms were built. The Bath was cold, the Reading good."),
        ("nl", "De Namen van allen, de Pest en de Bergen."),
        ("fr", "Les Tours sont hautes, dit Martin."),
    ],
)
def test_mentions_take_no_words_of_every_day(language: str, text: str) -> None:
    large = named(text, language)

    assert not large & {
        "Namur", "Mitte", "Split", "Nice", "Bath", "Pest", "Ahlen", "Aalen", "Essen", "Halle",
        "Norden", "Rauma", "Ózd", "Aalter", "Reading", "Siegen", "Kamen", "Martin",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("en", "It began in the city of Bath.", "Bath"),
        ("en", "It began in Split, Croatia.", "Split"),
        ("de", "So hat es die Stadt Essen getan.", "Essen"),
        ("fr", "Ainsi fait la ville de Tours.", "Tours"),
    ],
)
def test_mentions_take_a_trap_where_the_text_says_that_it_is_a_city(
    language: str, text: str, place: str
) -> None:
    assert place in named(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [("fi", "Sen sanoi Lahtinen."), ("hr", "To kaže Horvatin."), ("pl", "Mówi to Nowakowski.")],
)
def test_mentions_take_no_surname_for_an_inflected_place(language: str, text: str) -> None:
    assert named(text, language) == set()


def test_mentions_take_no_place_that_only_opens_sentences() -> None:
    assert named("Halle ist groß. Halle ist schön.", "de") == set()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("See www.berlin.de/sen for more.", "Berlin"),
        ("Write to press@senias.berlin.de.", "Berlin"),
        ("Write to office@wien.gv.at.", "Vienna"),
        ("See https://www.preston.gov.uk/wealth.", "Preston"),
    ],
)
def test_mentions_read_the_addresses_of_cities(text: str, place: str) -> None:
    (mention,) = mentions(text, "en")

    assert mention.place.name == place
    assert mention.passage in text
    assert " " not in mention.passage


@pytest.mark.parametrize("text", ["www.berlin.com", "https://x.org/Paris/Lyon", "paris@mail.fr"])
def test_mentions_take_no_other_part_of_an_address(text: str) -> None:
    assert mentions(f"See {text} now.", "en") == ()


def test_mentions_count_and_show_a_sentence() -> None:
    text = "Die Idee kam aus Wien. Später lernte Graz von Wien. Siehe www.wien.gv.at."

    first = mentions(text, "de")[0]

    assert (first.place.name, first.count) == ("Vienna", 3)
    assert first.passage == "Die Idee kam aus Wien."


def test_home_prefers_the_city_that_signs() -> None:
    text = "Wir besuchten Paris, dann noch einmal Paris. Fragen an post@graz.at."

    found = home(text, "de")

    assert found is not None
    assert found.place.name == "Graz"


def test_home_is_none_where_no_place_is_named() -> None:
    assert home("Die Brücke wird gestrichen.", "de") is None


def test_home_of_the_forum_is_berlin() -> None:
    folder = os.environ.get("KB_TEST_DATA")
    if not folder:
        pytest.skip("KB_TEST_DATA does not name the folder of the shared test data")
    text = Path(folder, "forum-2021-de.txt").read_text(encoding="utf-8")

    found = home(text, "de")

    assert found is not None
    assert (found.place.name, found.place.country) == ("Berlin", "DE")
