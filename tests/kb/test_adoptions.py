"""Adoptions: what can be recorded, who decides on it, and what is left of it for whom."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.adoption import STATES, Report
from kb.adoptions import Adoptions
from kb.errors import (
    AdoptionNotFoundError,
    CaseNotFoundError,
    NotAllowedError,
    QuotaError,
    RefusedAdoptionError,
)
from kb.reporting import report_from
from kb.transfer import MOST_A_DAY

TOLD = {
    "city": "Lisboa",
    "country": "PT",
    "year": "2021",
    "state": "running",
    "organisation": "Serviço de habitação",
    "contact": "habitacao@lisboa.example",
    "agreed": "yes",
}
RESULT = {"worked": "partly", "result": "Das Amt hat die Hälfte der Wohnungen gefunden."}


@pytest.fixture
def site(library, write_case):
    assert not library.ingest([write_case("a-case"), write_case("another", city="Cork")]).refused
    for name, role in (("ana", "contributor"), ("ben", "contributor"), ("mia", "moderator"),
                       ("max", "moderator"), ("ada", "administrator")):  # fmt: skip
        library.accounts.create(f"{name}@people.example", role, name.title())
    return library


def who(site, name):
    return site.accounts.by_email(f"{name}@people.example")


def accepted(site, name="ana", adoption="", **more):
    record = site.transfer.record(who(site, name), "a-case", {**TOLD, **more}, adoption)
    return site.transfer.decide(who(site, "mia"), record.id, "accepted")


def problems(**more):
    with pytest.raises(RefusedAdoptionError) as err:
        report_from({**TOLD, **more}, lambda key: key == "another")
    return {each.field: str(each) for each in err.value.problems}


def test_what_is_recorded_waits_and_nobody_sees_it(site):
    record = site.transfer.record(who(site, "ana"), "a-case", TOLD)

    assert record.decision == "waiting"
    assert site.transfer.adoptions("a-case") == ()
    assert site.transfer.graph() == ()
    assert [each.record for each in site.transfer.queue(who(site, "mia"))] == [record]


def test_once_accepted_everyone_sees_it(site):
    record = accepted(site, **RESULT)

    (adoption,) = site.transfer.adoptions("a-case")
    (edge,) = site.transfer.graph()
    assert adoption.now == record
    assert (record.year, record.worked, record.language) == (2021, "partly", "de")
    assert (edge.source.case_id, edge.target.city, edge.state) == ("a-case", "Lisboa", "running")


def test_a_new_state_is_a_new_record_and_the_old_one_stays(site):
    first = accepted(site, state="considering")
    waiting = site.transfer.record(who(site, "ana"), "a-case", {**TOLD, **RESULT}, first.adoption)
    assert site.transfer.adoptions("a-case")[0].now == first

    second = site.transfer.decide(who(site, "mia"), waiting.id, "accepted")

    (adoption,) = site.transfer.adoptions("a-case")
    assert (adoption.now, adoption.before) == (second, (first,))
    assert len(site.transfer.graph()) == 1


def test_a_state_can_come_back(site):
    first = accepted(site)
    accepted(site, adoption=first.adoption, state="stopped")
    third = accepted(site, adoption=first.adoption)

    assert third.id != first.id
    assert site.transfer.adoptions("a-case")[0].now.state == "running"


def test_the_same_words_are_kept_once(site):
    ana = who(site, "ana")

    assert site.transfer.record(ana, "a-case", TOLD) == site.transfer.record(ana, "a-case", TOLD)


def test_a_record_is_never_edited(site):
    record = accepted(site)

    for change in ("city = 'x'", "state = 'stopped'", "person = 'x'", "contact = 'x@y.example'"):
        with (
            pytest.raises(sqlite3.IntegrityError, match="never edited"),
            site._connections.writing() as db,
        ):
            db.execute(f"UPDATE adoptions SET {change} WHERE id = ?", [record.id])  # noqa: S608


@pytest.mark.parametrize("name", ["ana", "ben"])
def test_a_contributor_decides_on_nothing(site, name):
    record = site.transfer.record(who(site, "ana"), "a-case", TOLD)

    with pytest.raises(NotAllowedError):
        site.transfer.decide(who(site, name), record.id, "accepted")
    with pytest.raises(NotAllowedError):
        site.transfer.queue(who(site, name))


def test_nobody_decides_on_their_own(site):
    record = site.transfer.record(who(site, "mia"), "a-case", TOLD)

    with pytest.raises(NotAllowedError, match="nobody decides on their own"):
        site.transfer.decide(who(site, "mia"), record.id, "accepted")
    assert [each.own for each in site.transfer.queue(who(site, "mia"))] == [True]
    assert site.transfer.decide(who(site, "max"), record.id, "accepted").decision == "accepted"


def test_nobody_decides_on_an_adoption_of_their_own_case(site):
    max_, case = who(site, "max"), site._store.latest("a-case").case
    changed = case.model_copy(update={"summary": "Another summary of it."})
    site._store.save(changed, file="", original="", contributor=max_.id)
    record = site.transfer.record(who(site, "ana"), "a-case", TOLD)

    with pytest.raises(NotAllowedError):
        site.transfer.decide(max_, record.id, "accepted")


def test_a_record_is_decided_once(site):
    record = accepted(site)

    with pytest.raises(NotAllowedError, match="decided already"):
        site.transfer.decide(who(site, "max"), record.id, "declined", "Too late.")


@pytest.mark.parametrize("reason", ["", "  ", "\0"])
def test_declining_needs_a_reason(site, reason):
    record = site.transfer.record(who(site, "ana"), "a-case", TOLD)

    with pytest.raises(RefusedAdoptionError, match="say why"):
        site.transfer.decide(who(site, "mia"), record.id, "declined", reason)
    declined = site.transfer.decide(who(site, "mia"), record.id, "declined", "Who is it?")
    assert (declined.decision, declined.reason) == ("declined", "Who is it?")
    assert site.transfer.adoptions("a-case") == ()


def test_a_withdrawn_adoption_is_gone_and_whom_to_ask_is_forgotten(site):
    record = accepted(site)
    site.transfer.record(who(site, "ana"), "a-case", {**TOLD, **RESULT}, record.adoption)

    site.transfer.withdraw(who(site, "ana"), record.adoption)

    assert site.transfer.adoptions("a-case") == ()
    assert site.transfer.queue(who(site, "mia")) == ()
    told = site.transfer.mine(who(site, "ana"))
    assert [(each.decision, each.contact) for each in told] == [("withdrawn", "")] * 2
    with pytest.raises(AdoptionNotFoundError):
        site.transfer.record(who(site, "ana"), "a-case", TOLD, record.adoption)


def test_an_adoption_of_another_cannot_be_gone_on_with_or_withdrawn(site):
    record = accepted(site)

    with pytest.raises(AdoptionNotFoundError):
        site.transfer.record(who(site, "ben"), "a-case", TOLD, record.adoption)
    with pytest.raises(AdoptionNotFoundError):
        site.transfer.withdraw(who(site, "ben"), record.adoption)
    with pytest.raises(AdoptionNotFoundError):
        site.transfer.mine_to_continue(who(site, "ben"), record.adoption)


def test_who_leaves_takes_with_them_what_nobody_accepted_and_whom_to_ask(site):
    record = accepted(site)
    site.transfer.record(who(site, "ana"), "a-case", {**TOLD, "city": "Porto"})
    assert len(site.contributing.export(who(site, "ana"))["adoptions"]) == 2

    site.contributing.erase(who(site, "ana"), keep_credit=True)

    (adoption,) = site.transfer.adoptions("a-case")
    assert (adoption.now.id, adoption.now.city) == (record.id, "Lisboa")
    assert (adoption.now.person, adoption.now.organisation, adoption.now.contact) == ("", "", "")
    assert site.transfer.queue(who(site, "mia")) == ()


@pytest.mark.parametrize("kind", ["archived", "withdrawn"])
def test_a_case_that_is_retired_hides_its_adoptions_from_the_graph(site, kind):
    accepted(site)

    site.contributing.retire(who(site, "mia"), "a-case", kind, "A reason.")

    assert site.transfer.graph() == ()
    with pytest.raises(CaseNotFoundError):
        site.transfer.record(who(site, "ana"), "a-case", TOLD)


def test_a_case_that_is_taken_down_takes_its_adoptions_with_it(site):
    accepted(site)

    site.contributing.take_down(who(site, "ada"), "a-case", "A court.")

    rows = [site._connections.reading.table(name).count
            for name in ("adoptions", "adoption_decisions")]  # fmt: skip
    assert rows == [0, 0]


def test_the_case_that_it_became_stands_in_its_place(site):
    accepted(site, became="another")

    (edge,) = site.transfer.graph()
    assert edge.target.case_id == "another"
    site.contributing.retire(who(site, "mia"), "another", "withdrawn", "A reason.")
    assert site.transfer.graph()[0].target.city == "Lisboa"


def test_a_moderator_is_told_of_doubles_and_of_places_that_are_not_known(site):
    accepted(site)
    site.transfer.record(who(site, "ben"), "a-case", {**TOLD, "city": "Lisbon"})
    site.transfer.record(who(site, "ben"), "a-case", {**TOLD, "city": "Aldeia Nova de Nada"})

    double, unknown = site.transfer.queue(who(site, "mia"))
    assert (double.same_city, double.known_place) == (True, True)
    assert (unknown.same_city, unknown.known_place) == (False, False)


def test_one_person_cannot_fill_the_queue(site):
    for number in range(MOST_A_DAY):
        site.transfer.record(who(site, "ana"), "a-case", {**TOLD, "year": str(1960 + number)})

    with pytest.raises(QuotaError):
        site.transfer.record(who(site, "ana"), "a-case", {**TOLD, "year": "2022"})


@pytest.mark.parametrize("name", TOLD)
def test_what_is_missing_is_named(name):
    assert set(problems(**{name: " "})) == {name}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("country", "XX"),
        ("country", "FI"),  # where there is no Lisboa
        ("year", "soon"),
        ("year", "1" * 5000),
        ("year", "12"),
        ("state", "done"),
        ("contact", "Ana"),
        ("contact", "a?bcc=b@c.example"),
        ("contact", "javascript:alert(1)"),
        ("source", "javascript:alert(1)"),
        ("worked", "maybe"),
        ("became", "../x"),
        ("became", "none"),
        ("result", "x" * 2001),
        ("agreed", "no"),
    ],
)
def test_what_is_wrong_is_named(name, value):
    assert set(problems(**{name: value})) == {name}


def test_what_came_of_it_is_said_in_words():
    assert set(problems(worked="no")) == {"result"}
    assert set(problems(worked="too-early", state="considering")) == {"worked"}
    assert report_from({**TOLD, "worked": "too-early"}, bool).worked == "too-early"


def test_a_town_that_no_gazetteer_knows_is_taken_at_its_word():
    assert report_from({**TOLD, "city": "Aldeia Nova de Nada"}, bool).city == "Aldeia Nova de Nada"


@given(st.dictionaries(st.sampled_from(list(Report.model_fields)), st.text()))
def test_whatever_is_typed_is_a_report_or_refused(told):
    found: set[str] = set()
    try:
        assert report_from({**TOLD, **told}, bool).state in STATES
    except RefusedAdoptionError as err:
        found = {each.field for each in err.problems}
    assert found <= set(Report.model_fields)


def test_records_of_one_adoption_hang_together(site):
    first = accepted(site)
    accepted(site, adoption=first.adoption, state="stopped")

    found = Adoptions(site._connections).records(first.adoption)
    assert [each.state for each in found] == ["running", "stopped"]


def test_the_graph_is_made_anew_only_when_it_may_be_another(site):
    adoption = accepted(site).adoption
    first = site.transfer.graph()
    assert site.transfer.graph() is first

    site.transfer.record(who(site, "ana"), "a-case", {**TOLD, "state": "stopped"}, adoption)
    assert site.transfer.graph() is first  # it waits

    site.transfer.withdraw(who(site, "ana"), adoption)
    assert site.transfer.graph() == ()
