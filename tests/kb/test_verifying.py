from datetime import date

import pytest

from kb.database import Connections
from kb.errors import LinkError
from kb.model import Case
from kb.verifying import LINK_DAYS, Verifying

DAY = 24 * 3600


@pytest.fixture
def verifying(tmp_path, clock):
    connections = Connections(tmp_path / "a.sqlite")
    yield Verifying(connections, clock)
    connections.close()


def case(**told):
    return Case.model_validate({"id": "a", "title": "A", "original_language": "en", **told})


def test_whoever_has_the_link_answers(verifying):
    verifying.answer("a", verifying.link("a"), "running", " as ever ")

    assert verifying.last("a").note == "as ever"
    assert verifying.verified(case()) == verifying.last("a").day


@pytest.mark.parametrize("secret", ["", "x", "1-2", "20000-" + "0" * 32, "٣-x", "-1-x"])
def test_a_link_that_is_not_ours_opens_nothing(verifying, secret):
    with pytest.raises(LinkError):
        verifying.answer("a", secret, "running", "")
    assert verifying.last("a") is None


def test_a_link_is_for_one_case_and_for_some_weeks(verifying, clock):
    secret = verifying.link("a")
    with pytest.raises(LinkError):
        verifying.check("b", secret)
    clock.at += (LINK_DAYS + 1) * DAY
    with pytest.raises(LinkError):
        verifying.check("a", secret)


def test_a_case_is_overdue_a_year_after_it_was_confirmed(verifying, clock):
    assert verifying.is_overdue(case())
    verifying.answer("a", verifying.link("a"), "running", "")
    assert not verifying.is_overdue(case())
    clock.at += 366 * DAY
    assert verifying.is_overdue(case())


def test_what_has_ended_is_not_asked_about(verifying):
    assert not verifying.is_overdue(case(stage="ended"))


def test_the_later_day_counts(verifying):
    verifying.answer("a", verifying.link("a"), "running", "")

    assert verifying.verified(case(last_verified="2030-01-01")) == date(2030, 1, 1)


def test_only_answers_that_ask_for_work_are_listed(verifying):
    verifying.answer("a", verifying.link("a"), "running", "")
    verifying.answer("b", verifying.link("b"), "ended", "No money since May.")

    assert [(key, each.answer) for key, each in verifying.open_answers()] == [("b", "ended")]
