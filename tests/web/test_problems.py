"""What is wrong with a file is said in the language of the page."""

from collections.abc import Iterator

import pytest
from flask import Flask

from kb.errors import Problem, refused
from kb.saying import counted, lines, said
from web import catalogues, i18n

GERMAN = """
msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "has more than {most:,} rows"
msgstr "hat mehr als {most:,} Zeilen"

msgid "split it"
msgstr "teilen Sie die Datei auf"

msgid "is {found} by its content"
msgstr "ist dem Inhalt nach {found}"

msgid "a picture"
msgstr "ein Bild"

msgid "1 picture was left out"
msgid_plural "{count:,} pictures were left out"
msgstr[0] "ein Bild wurde weggelassen"
msgstr[1] "{count:,} Bilder wurden weggelassen"

msgid "is not a date"
msgstr "ist kein Datum"

msgid "{share:.0%} of the words are unsure"
msgstr "{share:.0%} der Wörter sind unsicher"
"""


@pytest.fixture
def german(site: Flask, tmp_path, monkeypatch) -> Iterator[None]:
    (tmp_path / "de.po").write_text(GERMAN, encoding="utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogues.languages.cache_clear()
    catalogues.catalogue.cache_clear()
    with site.test_request_context("/?lang=de"):
        yield
    catalogues.languages.cache_clear()
    catalogues.catalogue.cache_clear()


MANY = said("has more than {most:,} rows", most=5_000)


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (Problem("a.csv", MANY, said("split it")),
         "a.csv: hat mehr als 5.000 Zeilen; teilen Sie die Datei auf"),
        (Problem("a.csv", said("is not a date"), said("split it"), 7, "start", "2019/x"),
         "a.csv:7: start '2019/x': ist kein Datum; teilen Sie die Datei auf"),
        (Problem("", said("is {found} by its content", found=said("a picture")), said("leave it")),
         "ist dem Inhalt nach ein Bild; leave it"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("german")
def test_a_problem_is_said_in_the_language_of_the_page(problem, told):
    assert i18n.problem(problem) == told


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (counted("1 picture was left out", "{count:,} pictures were left out", 1),
         "ein Bild wurde weggelassen"),
        (counted("1 picture was left out", "{count:,} pictures were left out", 1_200),
         "1.200 Bilder wurden weggelassen"),
        (said("{share:.0%} of the words are unsure", share=0.25),
         "25\N{NO-BREAK SPACE}% der Wörter sind unsicher"),
        (lines([said("is not a date"), MANY]), "ist kein Datum\nhat mehr als 5.000 Zeilen"),
        (lines([]), ""),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("german")
def test_numbers_and_lines_are_said_in_the_language_of_the_page(sentence, told):
    assert i18n.translated(sentence) == told


@pytest.mark.usefixtures("german")
def test_the_log_and_the_command_line_stay_english():
    assert str(refused("a.csv", MANY, said("split it"))) == (
        "a.csv: has more than 5,000 rows; split it"
    )


def test_without_a_catalogue_a_problem_is_said_in_english(site: Flask):
    problem = Problem("a.csv", MANY, said("split it"), 7, "start", "x")

    with site.test_request_context("/"):
        assert i18n.problem(problem) == str(problem)
