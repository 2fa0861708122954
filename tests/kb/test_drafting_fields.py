"""What each field takes from a sentence or a form, and what it leaves."""

import unicodedata

import pytest

from kb.document import Block, Document
from kb.drafting import propose
from kb.drafting.dates import dates
from kb.drafting.money import sums

PROSE = {
    "bg": "Това е описание на една практика, която помага на жителите на града да живеят по-добре.",
    "cs": "Toto je popis praxe, která pomáhá obyvatelům města žít lépe a být spolu se sousedy.",
    "de": "Dies ist die Beschreibung einer Praxis, die den Menschen in der Nachbarschaft hilft.",
    "el": "Αυτή είναι η περιγραφή μιας πρακτικής που βοηθά τους κατοίκους να ζουν καλύτερα.",
    "en": "This is the description of a practice that helps the people of the neighbourhood.",
    "es": "Esta es la descripción de una práctica que ayuda a las personas que viven en el barrio.",
    "et": "See on kirjeldus tavast, mis aitab linna elanikel paremini ja üheskoos elada.",
    "fi": "Tämä on kuvaus käytännöstä, joka auttaa alueen asukkaita elämään paremmin yhdessä.",
    "fr": "Voici la description d’une pratique qui aide les gens du quartier à vivre mieux ensemble.",  # noqa: E501
    "hu": "Ez egy olyan gyakorlat leírása, amely segíti a környéken élő embereket a mindennapokban.",  # noqa: E501
    "it": "Questa è la descrizione di una pratica che aiuta le persone che abitano nel quartiere.",
    "lt": "Tai yra praktikos, kuri padeda miesto gyventojams gyventi geriau ir drauge, aprašymas.",
    "lv": "Šis ir prakses apraksts, kas palīdz pilsētas iedzīvotājiem dzīvot labāk un kopā.",
    "nl": "Dit is de beschrijving van een praktijk die de mensen in de buurt helpt om beter te leven.",  # noqa: E501
    "pl": "To jest opis praktyki, która pomaga mieszkańcom dzielnicy żyć lepiej i razem.",
    "pt": "Esta é a descrição de uma prática que ajuda as pessoas do bairro a viver melhor.",
    "ro": "Aceasta este descrierea unei practici care îi ajută pe oamenii din cartier să trăiască.",
    "sk": "Toto je opis praxe, ktorá pomáha obyvateľom mesta žiť lepšie a spolu so susedmi.",
    "sr": "Ово је опис праксе која помаже становницима града да живе боље и заједно са суседима.",
    "sv": "Detta är en beskrivning av en praktik som hjälper människorna i grannskapet att leva.",
    "tr": "Bu, mahallede yaşayan insanlara daha iyi yaşamaları için yardım eden bir uygulamadır.",
    "uk": "Це опис практики, яка допомагає мешканцям міста жити краще і разом із сусідами.",
}
"""A sentence in each language that says nothing but which language it is."""


def values(text: str, language: str) -> dict:
    blocks = (Block(PROSE[language]), *(Block(line) for line in text.split("\n\n")))
    return propose(Document(blocks)).values


@pytest.mark.parametrize("language", PROSE)
def test_language_is_recognised(language):
    assert values("", language)["original_language"] == language


@pytest.mark.parametrize(
    ("language", "text", "start"),
    [
        ("en", "The project was launched in March 2019.", "2019-03"),
        ("en", "The programme started on 12 March 2019.", "2019-03-12"),
        ("de", "Das Projekt wurde 2015 gestartet.", "2015"),
        ("de", "Das Projekt begann etwa 2015.", "2015~"),
        ("fr", "Le projet a été lancé en mai 2018.", "2018-05"),
        ("es", "El proyecto se puso en marcha en 2016.", "2016"),
        ("it", "Il progetto è stato avviato nel marzo 2017.", "2017-03"),
        ("pl", "Projekt rozpoczął się w marcu 2017 r.", "2017-03"),
        ("cs", "Projekt byl zahájen v roce 2016.", "2016"),
        ("fi", "Hanke käynnistyi maaliskuussa 2014.", "2014-03"),
        ("hu", "A projekt 2015-ben indult.", "2015"),
        ("el", "Το πρόγραμμα ξεκίνησε το 2018.", "2018"),
        ("bg", "Проектът започна през 2013 г.", "2013"),
        ("uk", "Проєкт започато, його започатковано у 2017 році.", "2017"),
        ("sr", "Пројекат је покренут 2018. године.", "2018"),
        ("tr", "Proje 2020 yılında başladı.", "2020"),
        ("sv", "Projektet startade 2011.", "2011"),
        ("nl", "Het project ging in 2016 van start.", "2016"),
        ("lv", "Projekts tika uzsākts 2014. gadā.", "2014"),
        ("ro", "Proiectul a fost lansat în 2014.", "2014"),
    ],
)
def test_start_is_read_beside_a_verb(language, text, start):
    assert values(text, language).get("start") == start


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "In 2015 the population was 40,000."),
        ("en", "The next phase will be launched in 2031."),
        ("en", "ESF funds of the period 2014-2020 were used."),
        ("en", "When did the project start, in 2015 or in 2016?"),
        ("de", "Laut einer Studie von 2015 leben hier viele Familien."),
        ("de", "Seit 2010 sind die Mieten gestiegen."),
        ("fr", "En 2012, la commune comptait 5 000 habitants."),
        ("pl", "W 2015 r. bezrobocie wynosiło 12 %."),
        ("es", "Según el censo de 2011 viven aquí muchas familias."),
        ("it", "Il censimento del 2011 conta molte famiglie."),
        ("fi", "Vuonna 2012 kunnassa asui paljon perheitä."),
        ("el", "Το 2011 η ανεργία ήταν υψηλή."),
        ("cs", "Podle sčítání z roku 2011 tu žije mnoho rodin."),
    ],
)
def test_a_year_is_not_always_a_start(language, text):
    assert "start" not in values(text, language)


@pytest.mark.parametrize(
    ("language", "text", "total", "currency"),
    [
        ("en", "The total cost was EUR 3.4 million.", "3400000", "EUR"),
        ("en", "The total budget of the project is £120,000.", "120000", "GBP"),
        ("de", "Die Gesamtkosten betrugen 1,2 Mio. €.", "1200000", "EUR"),
        ("fr", "Le coût total est de 22 millions d’euros.", "22000000", "EUR"),
        ("es", "El presupuesto total fue de 6.242.850 €.", "6242850", "EUR"),
        ("it", "Costo totale: 5,1 milioni di euro", "5100000", "EUR"),
        ("pl", "Całkowity koszt wyniósł 120 000 zł.", "120000", "PLN"),
        ("pl", "Koszt projektu: 1,5 mln zł", "1500000", "PLN"),
        ("cs", "Celkové náklady činily 10 milionů Kč.", "10000000", "CZK"),
        ("fi", "Kokonaiskustannukset olivat 1.2 milj. euroa.", "1200000", "EUR"),
        ("sv", "Den totala budgeten var 4 miljoner kronor.", "4000000", "SEK"),
        ("el", "Ο συνολικός προϋπολογισμός ήταν 5 εκατ. ευρώ.", "5000000", "EUR"),
        ("bg", "Общата стойност е 200 000 лв.", "200000", "BGN"),
        ("nl", "De totale kosten bedroegen € 6.117.879,15.", "6117879.15", "EUR"),
        ("hu", "A teljes költségvetés 30 millió Ft volt.", "30000000", "HUF"),
    ],
)
def test_cost_is_the_sum_beside_its_name(language, text, total, currency):
    assert values(text, language)["cost"] == {"total": total, "currency": currency}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Residents pay a rent of 400 euros."),
        ("en", "The prize was worth EUR 50,000."),
        ("en", "The total cost is 12,000 euros per person."),
        ("en", "The total budget is described in 2019 pages."),
        ("de", "Der Preis ist mit 10.000 € dotiert."),
        ("de", "Die Gesamtkosten sind nicht bekannt."),
        ("fr", "Le loyer est de 350 € par mois."),
        ("pl", "Nagroda wynosi 50 000 zł."),
        ("es", "El premio fue de 3.000 euros."),
        ("it", "La multa era di 200 euro."),
        ("nl", "De schuld bedroeg gemiddeld € 15.500."),
    ],
)
def test_a_sum_is_not_always_the_cost(language, text):
    assert "cost" not in values(text, language)


@pytest.mark.parametrize(
    ("text", "language", "amount", "currency"),
    [
        ("1,2 Mio. €", "de", "1200000", "EUR"), ("EUR 3.4 million", "en", "3400000", "EUR"),
        ("120 000 zł", "pl", "120000", "PLN"), ("1.2 milj. eiroja", "fi", "1200000", "EUR"),
        ("€ 4.986.925,12", "nl", "4986925.12", "EUR"), ("CHF 1'200'000", "de", "1200000", "CHF"),
        ("3 mil euros", "es", "3000", "EUR"), ("2 mil millones de euros", "es", "2000000000", "EUR"),  # noqa: E501
        ("250 tis. Kč", "cs", "250000", "CZK"), ("1.5 M€", "fr", "1500000", "EUR"),
        ("25 millioner kroner", "no", "25000000", "NOK"), ("450 milljónir kr", "is", "450000000", "ISK"),  # noqa: E501
        ("£74 million", "en", "74000000", "GBP"), ("5 млн грн", "uk", "5000000", "UAH"),
        ("300 bin TL", "tr", "300000", "TRY"), ("10.000 lei", "ro", "10000", "RON"),
    ],
)  # fmt: skip
def test_sums_are_read_as_each_language_writes_them(text, language, amount, currency):
    (money,) = sums(text, language)

    assert (money.amount, money.currency) == (amount, currency)


@pytest.mark.parametrize("text", ["3 Europeans", "25 people", "2019", "5 marka", "12 %", "1.2.3"])
def test_other_numbers_are_no_sums(text):
    assert not list(sums(text, "en"))


@pytest.mark.parametrize(
    ("text", "language", "date"),
    [
        ("12.03.2019", "de", "2019-03-12"), ("03/2019", "fr", "2019-03"),
        ("2019-03-12", "sv", "2019-03-12"), ("2019. március 12.", "hu", "2019-03-12"),
        ("28 de junio de 2021", "es", "2021-06-28"), ("1er mars 2020", "fr", "2020-03-01"),
        ("w październiku 2016 r.", "pl", "2016-10"), ("Μάρτιος 2018", "el", "2018-03"),
        ("30.2.2019", "de", "2019"), ("March 12, 2019", "en", "2019-03-12"),
        ("u ožujku 2019.", "hr", "2019-03"), ("червень 2020", "uk", "2020-06"),
    ],
)  # fmt: skip
def test_dates_are_read_as_each_language_writes_them(text, language, date):
    assert [found.text for found in dates(text, language)] == [date]


FORMS = [
    ("en", "City: Dublin\nCountry: Ireland\nStart: 2011\nEnd: March 2017\nBudget: EUR 120,000",
     "Dublin", "IE", "2011", "2017-03", "120000"),
    ("de", "Ort: Gramatneusiedl\nLand: Österreich\nLaufzeit: 2020–2024\nGesamtkosten: 7,4 Mio. Euro",  # noqa: E501
     "Gramatneusiedl", "AT", "2020", "2024", "7400000"),
    ("pl", "Miasto: Łódź\nKraj: Polska\nRozpoczęcie: 2016\nZakończenie: 2018\nBudżet: 120 000 zł",
     "Łódź", "PL", "2016", "2018", "120000"),
    ("fr", "Ville : Nantes\nPays : France\nDébut : 2016\nFin : 2021\nBudget : 22 millions d’euros",
     "Nantes", "FR", "2016", "2021", "22000000"),
    ("fi", "Kaupunki: Vantaa\nMaa: Suomi\nAlkoi: 2015\nPäättyi: 2018\nBudjetti: 300 000 €",
     "Vantaa", "FI", "2015", "2018", "300000"),
    ("el", "Πόλη: Αθήνα\nΧώρα: Ελλάδα\nΈναρξη: 2018\nΛήξη: 2021\nΠροϋπολογισμός: 5 εκατ. ευρώ",
     "Αθήνα", "GR", "2018", "2021", "5000000"),
    ("bg", "Град: Варна\nДържава: България\nНачало: 2013\nКрай: 2015\nБюджет: 200 000 лв.",
     "Варна", "BG", "2013", "2015", "200000"),
    ("cs", "Město: Brno\nZemě: Česko\nZahájení: 2016\nUkončení: 2018\nRozpočet: 10 mil. Kč",
     "Brno", "CZ", "2016", "2018", "10000000"),
    ("es", "Ciudad: Getafe\nPaís: España\nInicio: 2019\nFin: 2023\nPresupuesto: 6.242.850 €",
     "Getafe", "ES", "2019", "2023", "6242850"),
    ("it", "Comune: Torino\nPaese: Italia\nInizio: 2017\nFine: 2020\nCosto totale: 5,1 milioni di euro",  # noqa: E501
     "Torino", "IT", "2017", "2020", "5100000"),
    ("sr", "Град: Нови Сад\nДржава: Србија\nПочетак: 2018\nКрај: 2021\nБуџет: 300 000 евра",
     "Нови Сад", "RS", "2018", "2021", "300000"),
    ("hu", "Város: Budapest\nOrszág: Magyarország\nKezdés: 2013\nBefejezés: 2016\nKöltségvetés: 3 millió Ft",  # noqa: E501
     "Budapest", "HU", "2013", "2016", "3000000"),
]  # fmt: skip


@pytest.mark.parametrize("shape", ["lines", "rows", "headings", "decomposed"])
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0])
def test_forms_are_read_in_any_shape(form, shape):
    language, text, *expected = form
    pairs = [line.split(":", 1) for line in text.split("\n")]
    pairs = [(label.strip(), answer.strip()) for label, answer in pairs]
    blocks = [Block(PROSE[language])]
    if shape == "lines":
        blocks.append(Block(text))
    elif shape == "rows":
        blocks += [Block(f"{label} | {answer}", "row") for label, answer in pairs]
    elif shape == "headings":
        for label, answer in pairs:
            blocks += [Block(label, "heading", 2), Block(answer)]
    else:
        blocks.append(Block(unicodedata.normalize("NFD", text)))

    found = propose(Document(tuple(blocks))).values

    got = [found.get(name) for name in ("city", "country", "start", "end")]
    assert [*got, found.get("cost", {}).get("total")] == expected


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("en", "The service is run by Dublin Region Homeless Executive.", "Dublin Region Homeless Executive"),  # noqa: E501
        ("en", "The project is led by the City of Ghent, with others.", "City of Ghent"),
        ("de", "Das Projekt wird getragen von der Stadt Wien.", "Stadt Wien"),
        ("fr", "Le projet est porté par l’association Les Eaux Vives.", "Les Eaux Vives"),
        ("es", "El proyecto está gestionado por el Ayuntamiento de Getafe.", "Ayuntamiento de Getafe"),  # noqa: E501
        ("it", "Il progetto è promosso dal Comune di Bari.", "Comune di Bari"),
        ("pl", "Program jest prowadzony przez Miasto Gdańsk.", "Miasto Gdańsk"),
        ("nl", "Het wordt uitgevoerd door de Gemeente Utrecht.", "Gemeente Utrecht"),
        ("cs", "Nositelem projektu je Statutární město Brno.", "Statutární město Brno"),
        ("fi", "Ohjaamosta vastaa Helsingin kaupunki.", "Helsingin"),
        ("el", "Το πρόγραμμα υλοποιείται από τον Δήμο Αθηναίων.", "Δήμο Αθηναίων"),
        ("sv", "Projektet drivs av Umeå Energi.", "Umeå Energi"),
    ],
)  # fmt: skip
def test_lead_is_the_name_beside_the_verb(language, text, name):
    assert values(text, language)["lead_organisation"]["name"].startswith(name)


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "The work is led by volunteers."), ("de", "Es wird getragen von vielen."),
     ("fr", "Il est porté par des bénévoles."), ("pl", "Jest prowadzony przez wolontariuszy.")],
)  # fmt: skip
def test_people_without_a_name_lead_nothing(language, text):
    assert "lead_organisation" not in values(text, language)


def test_partners_are_parted_at_commas_and_at_and():
    found = values("Partner: SAGA, Stadt Hamburg und Bezirk Hamburg-Mitte", "de")

    assert [row["name"] for row in found["partners"]] == [
        "SAGA",
        "Stadt Hamburg",
        "Bezirk Hamburg-Mitte",
    ]


@pytest.mark.parametrize(
    ("language", "text", "value", "unit"),
    [
        ("en", "Evictions were reduced by 30 %.", "30", "%"),
        ("en", "In two years 250 residents took part.", "250", "residents"),
        ("de", "Die Zahl der Räumungen sank um 30 Prozent.", "30", "%"),
        ("de", "Es nahmen 1.200 Menschen teil.", "1.200", "Menschen"),
        ("fr", "Le gaspillage a diminué de 80 %.", "80", "%"),
        ("es", "Participaron 13.338 personas.", "13.338", "personas"),
        ("it", "Hanno partecipato 3.700 persone.", "3.700", "persone"),
        ("pl", "Liczba eksmisji zmniejszyła się o 30 %.", "30", "%"),
        ("fi", "Hankkeeseen osallistui 90 nuorta.", "90", "nuorta"),
        ("cs", "Zúčastnilo se 48 rodin.", "48", "rodin"),
        ("el", "Συμμετείχαν 383 κάτοικοι.", "383", "κάτοικοι"),
        ("nl", "Er deden 53 jongeren mee, zij kregen hulp.", "53", "jongeren"),
    ],
)
def test_outcome_is_a_number_beside_a_result(language, text, value, unit):
    (row,) = values(text, language)["outcomes"]

    assert (row["value"], row["unit"]) == (value, unit)
    assert row["indicator"] in text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The project will reach 500 people."), ("en", "The city has 40,000 residents."),
        ("en", "They took part for 12 months."), ("en", "In 2019 people took part."),
        ("en", "It helped young people aged 15-29 years."), ("de", "Bis 2025 sollen 500 Wohnungen entstehen."),  # noqa: E501
        ("fr", "L’objectif est d’aider 300 familles."), ("es", "Se espera que participen 200 personas."),  # noqa: E501
        ("it", "Il comune ha 20 quartieri."), ("pl", "Celem jest pomoc dla 100 rodzin."),
        ("fi", "Tavoitteena on auttaa 100 nuorta."), ("cs", "Cílem je pomoci 100 rodinám."),
    ],
)  # fmt: skip
def test_a_number_is_not_always_an_outcome(language, text):
    assert "outcomes" not in values(text, language)


@pytest.mark.parametrize(
    ("language", "text", "programme"),
    [
        ("en", "It is funded by the city budget.", "municipal"),
        ("en", "The project is co-financed by ESF+.", "esf-plus"),
        ("de", "Das Projekt wird aus Mitteln des EFRE gefördert.", "erdf"),
        ("fr", "Le projet est financé par le FSE.", "esf"),
        ("es", "Recibió fondos de Urban Innovative Actions (UIA).", "uia"),
        ("it", "È finanziato con il PNRR.", "rrf"),
        ("pl", "Zadania są finansowane z budżetu miasta.", "municipal"),
        ("fi", "Hanketta rahoittaa Euroopan sosiaalirahasto (ESR).", "esf"),
        ("cs", "Projekt je financován z programu Horizont 2020.", "horizon"),
        ("el", "Χρηματοδοτείται από το ΕΤΠΑ.", "erdf"),
        ("sv", "Projektet finansieras av Erasmus+.", "erasmus-plus"),
        ("hu", "A projektet az ESZA támogatja.", "esf"),
    ],
)
def test_funding_is_a_programme_in_a_sentence_about_money(language, text, programme):
    assert values(text, language)["funding_programmes"][0]["programme"] == programme


def test_a_programme_that_is_only_named_pays_nothing():
    assert "funding_programmes" not in values("It was shown at an URBACT festival.", "en")


@pytest.mark.parametrize(
    ("language", "text", "stage"),
    [
        ("en", "Status: completed\n\nThe project ended in 2018.", "ended"),
        ("en", "The pilot project was stopped in 2019.", "stopped"),
        ("de", "Das Projekt wurde 2019 abgeschlossen.", "ended"),
        ("de", "Stand: Pilotphase", "pilot"),
        ("es", "El proyecto finalizó el 31 de octubre de 2019.", "ended"),
        ("pl", "Projekt zakończono w 2018 r.", "ended"),
        ("fi", "Hanke päättyi vuonna 2018.", "ended"),
        ("fr", "État d’avancement : en cours", "implemented"),
    ],
)
def test_stage_is_taken_where_it_is_plain(language, text, stage):
    assert values(text, language).get("stage") == stage


def test_sections_give_challenge_and_solution():
    blocks = (
        Block("Housing First in Ghent", "heading"), Block(PROSE["en"]),
        Block("The challenge", "heading", 2), Block("Many people slept in the streets of the town."),  # noqa: E501
        Block("What was done", "heading", 2), Block("Each of them was offered a home of their own."),  # noqa: E501
    )  # fmt: skip

    found = propose(Document(blocks)).values

    assert found["title"] == "Housing First in Ghent"
    assert found["summary"] == PROSE["en"]
    assert found["challenge"] == "Many people slept in the streets of the town."
    assert found["solution"] == "Each of them was offered a home of their own."


@pytest.mark.parametrize(
    "first", ["PRESSEINFORMATION", "Stadt Wien", "office@wien.gv.at", "Seite 1"]
)
def test_letterhead_is_no_title(first):
    blocks = (Block(first), Block("Nachbarschaft hilft: ein Haus für alle"), Block(PROSE["de"]))

    found = propose(Document(blocks)).values

    assert found["title"] == "Nachbarschaft hilft: ein Haus für alle"


def test_themes_and_groups_carry_their_sentences():
    lines = (
        "Housing First in Ghent",
        "Rough sleepers move into Housing First flats.",
        "With Housing First they stay.",
        "Target group: homeless people",
    )
    proposal = propose(Document(tuple(map(Block, lines))))

    assert "06.1" in proposal.values["themes"]
    assert proposal.values["target_groups"] == ["homeless-people"]
    assert any("Housing First" in receipt.passage for receipt in proposal.of("themes"))
    assert proposal.of("target_groups")[0].passage == "Target group: homeless people"


def test_contact_is_an_office_and_no_person():
    office = "Organisation: City of Ghent\n\nContact: info@ghent.example"
    person = "Organisation: City of Ghent\n\nContact: mary.smith@ghent.example"

    assert values(office, "en")["contact"] == {
        "organisation": "City of Ghent",
        "email": "info@ghent.example",
    }
    assert "contact" not in values(person, "en")


def test_addresses_become_sources_once():
    found = values(
        "See https://example.org/a). Also www.example.org/b, https://example.org/a.", "en"
    )

    assert [row["url"] for row in found["sources_and_media"]] == [
        "https://example.org/a",
        "https://www.example.org/b",
    ]


def test_a_table_of_many_cases_is_no_form():
    rows = ("City | Start | Budget", "Dublin | 2011 | EUR 5,000", "Ghent | 2014 | EUR 7,000")
    blocks = (Block(PROSE["en"]), *(Block(row, "row") for row in rows))

    found = propose(Document(blocks)).values

    assert not {"start", "cost"} & set(found)
