"""A small site of real cases, and a reader of pages.

``site`` holds six real cases in six languages and one made-up case that fills every field; it is
shared and must not be changed. ``read`` turns an answer into its elements, so that a test speaks of
links and headings and not of markup.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.library import Library, open_library
from kb.settings import Settings
from web import catalogues, create_app

ROOT = Path(__file__).parents[2]
REAL_CASES = (
    "es/b-mincome-barcelona",
    "fi/helsinki-asunto-ensin",
    "gr/esek-karditsa",
    "ie/housing-first-dublin",
    "pl/latarnicy-lodz",
    "si/kralji-ulice-ljubljana",
)
PUBLIC = "https://praxis.example"
VOID = {"br", "hr", "img", "input", "link", "meta"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def raw(self) -> str:
        return "".join(each if isinstance(each, str) else each.raw for each in self.inside)

    @property
    def text(self) -> str:
        return " ".join(self.raw.split())

    def get(self, name: str) -> str:
        return self.attributes.get(name) or ""

    def all(self, *tags: str, **attributes: str) -> list["Element"]:
        found = []
        for each in self.inside:
            if isinstance(each, str):
                continue
            fits = all(each.get(k.rstrip("_")) == v for k, v in attributes.items())
            if fits and (not tags or each.tag in tags):
                found.append(each)
            found += each.all(*tags, **attributes)
        return found

    def one(self, *tags: str, **attributes: str) -> "Element":
        found = self.all(*tags, **attributes)
        assert len(found) == 1, f"{len(found)} of {tags} {attributes}"
        return found[0]

    def link(self, text: str) -> str:
        """The address behind the one link that says ``text``."""
        found = {each.get("href") for each in self.all("a") if each.text == text}
        assert len(found) == 1, f"{text!r} is none of {[each.text for each in self.all('a')]}"
        return found.pop()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        assert len(element.attributes) == len(attrs), f"an attribute twice: {attrs}"
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def page_of(response: TestResponse) -> Element:
    builder = _Builder()
    builder.feed(response.get_data(as_text=True))
    assert len(builder.open) == 1, f"<{builder.open[-1].tag}> is not closed"
    return builder.open[0]


@pytest.fixture(scope="session")
def read() -> Callable[[TestResponse], Element]:
    return page_of


@pytest.fixture(scope="session")
def site_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "every-field.md").write_text(EVERY_FIELD, encoding="utf-8")
    library = open_library(Settings(data=folder / "data", encoder="off"))
    files = [ROOT / "corpus" / f"{name}.md" for name in REAL_CASES]
    (folder / "a-forum.yaml").write_text(A_FORUM, encoding="utf-8")
    made_up = [folder / "every-field.md", folder / "a-forum.yaml"]
    assert not library.ingest([*files, *made_up]).refused
    library.sync()
    yield library
    library.close()


@pytest.fixture(scope="session")
def site(site_library: Library) -> Flask:
    app = create_app(site_library, Settings(site_url=PUBLIC, rate_api=None, rate_export=None))
    app.testing = True
    return app


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


@pytest.fixture(scope="module")
def chromium():
    from tests.web.browsing import launched  # which takes its cases from here

    with launched() as browser:
        yield browser


@pytest.fixture
def only_english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Have no catalogue: labels are in the reader's language, sentences in English."""
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    catalogues.languages.cache_clear()
    yield
    catalogues.languages.cache_clear()


@pytest.fixture
def client_without_index(library: Library, write_case: Callable[..., Path]) -> FlaskClient:
    library.ingest([write_case("a-case")])
    app = create_app(library, Settings())
    app.testing = True
    return app.test_client()


A_FORUM = """
title: {de: Was Foren fragen, en: What forums ask}
intro: {de: Wozu es sie gibt., en: What they are for.}
original_language: de
translation_status: draft
made_by: {name: Ein Netzwerk}
event:
  name: {en: A forum}
  start: 2021-11-15
  end: 2021-11-17
  host: Senat
  city: Berlin
  country: DE
  format: online
  question: {de: Wie?, en: How?}
  phases:
    - {title: {en: Learn}, text: {en: Together.}}
    - title: {en: Share}
parts:
  - title: {en: Fair work}
    cases:
      - {case: every-field, note: {en: Look at what failed.}}
      - case: not-here
links:
  - {url: "https://forum.example/", title: Ablauf, language: de, note: {en: Not checked.}}
"""

EVERY_FIELD = """---
id: every-field
title: "Każde pole <b>wypełnione</b>"
title_en: Every field filled in
summary: Podsumowanie po polsku.
summary_en: A summary in English.
translation_status: draft
original_language: pl
city: Łódź
country: PL
nuts3: PL711
lau: "106101"
wikidata: Q580
scale: district
themes: ["06.1"]
target_groups: [homeless-people, families]
innovation_type: [new-service]
novelty: country
stage: stopped
start: "2016~"
end: 2019-06
challenge: Wyzwanie opisane.
challenge_en: The challenge told.
solution: Rozwiązanie opisane.
solution_en: The solution told.
lead_organisation: {name: Urząd Miasta, type: municipality}
partners:
  - {name: Fundacja Dom, type: foundation, role: delivery}
participation_level: {level: collaborate, who: mieszkańcy osiedla}
outcomes:
  - {indicator: Rodziny w mieszkaniach, value: "84", unit: rodziny, baseline: "3",
     period: 2016-2019, group: rodziny z dziećmi, source: s1, method: spis}
evidence: {theory_of_change: yes, measured: yes, comparison: group, evaluator: independent,
  source: s2, assessed_by: Recenzentka, assessed_on: 2026-02-03}
cost_band: 1m-5m
cost: {total: "1250000.50", currency: PLN, year: "2018", staff_fte: "7.5", per_beneficiary: "14880",
  note: bez remontów}
funding_programmes:
  - {programme: erdf, reference: RPLD-77, amount: "900000", currency: EUR, note: dwa lata}
conditions:
  - {code: housing-stock, text: Wolne lokale gminne.}
barriers_and_failures:
  - {code: funding-ended, text: Skończyły się pieniądze., changed: Przeniesiono umowy.}
transferability: {level: T3, adapt: Sprawdź prawo lokalowe., conditions: [law-change]}
relations:
  - {type: adapts, city: Dublin, country: IE, year: "2011", result: Przyjęto zasady.,
     case: housing-first-dublin, url: "https://relations.example/1"}
policy_links: {epsr: ["19"], sdg: ["1", "11"], iso37101: [Social cohesion],
  local_strategy: Strategia 2030}
sources_and_media:
  - {id: s1, url: "https://www.first.example/a", title: Raport końcowy, type: report, language: pl,
     licence: CC-BY-SA-4.0, alt: Okładka raportu, confirms: 84 families}
  - {id: s2, url: "doi:10.1234/abc", title: Article, type: article}
contact: {organisation: Wydział Mieszkalny, email: mieszkania@example.org, languages: [pl, en],
  visits: yes, consent: 2026-01-02}
licence: CC-BY-SA-4.0
imported_from: {site: Inna Baza Praktyk, url: "https://inna.example/1", identifier: "oai:inna:1",
  source: "https://inna.example/oai", datestamp: "2026-09-30", taken: 2026-10-01,
  first: "https://pierwsza.example/1"}
last_verified: 2026-11-20
review_by: 2027-11-20
body_en: |
  ## The whole text

  A paragraph with **bold letters** on homeless families in Łódź.
mood: hopeful
budget_lines: {heating: "12"}
---

## Pełny tekst

Akapit z **pogrubieniem** o bezdomnych rodzinach w Łodzi.
"""
