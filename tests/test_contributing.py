"""From a file to a published case and back: what contributors and moderators can do."""

import re

import pytest

from kb.errors import (
    CaseNotFoundError,
    DraftNotFoundError,
    NotAllowedError,
    QuotaError,
    RefusedFileError,
    RetiredCaseError,
    StaleDraftError,
    UnfinishedDraftError,
    UploadNotFoundError,
)
from kb.query import Query

GAPPY = "---\ntitle: Bytar\noriginal_language: sv\ncity: Malmö\n---\n\nEn text.\n".encode()


@pytest.fixture
def people(library):
    names = {"ana": "contributor", "ben": "contributor", "mia": "moderator", "zoe": "administrator"}
    made = {}
    for name, role in names.items():
        made[name] = library.accounts.create(f"{name}@example.org", role, name.title())
    return made


@pytest.fixture
def work(library):
    return library.contributing


@pytest.fixture
def sent(work, people, write_case):
    """Return a finished draft of Ana's, made of a file."""
    upload = work.receive(people["ana"], "dublin.md", write_case("dublin").read_bytes())
    assert work.read_next()
    (draft,) = work.sent(people["ana"], upload.id).drafts
    return draft


def submitted(work, person, draft):
    return work.submit(person, draft.id, draft.version)


def test_a_file_becomes_a_draft_and_then_a_case_that_is_found(library, work, people, sent):
    waiting = submitted(work, people["ana"], sent)
    assert work.queue(people["mia"]) == (waiting,)

    revision = work.accept(people["mia"], waiting.id, waiting.version)
    library.sync()

    assert (revision.number, revision.contributor) == (1, people["ana"].id)
    assert library.page("dublin").revision.file == "dublin.md"
    assert [hit.id for hit in library.search(Query("homeless")).hits] == ["dublin"]
    assert work.credit(revision.contributor) == people["ana"].credit
    assert work.queue(people["mia"]) == ()


def test_the_original_is_durable_before_the_file_is_acknowledged(library, work, people):
    upload = work.receive(people["ana"], "a.md", GAPPY)

    assert library._originals.read(upload.original) == GAPPY
    assert upload.state == "queued"


def test_a_file_that_is_sent_twice_with_one_key_is_taken_once(work, people):
    first = work.receive(people["ana"], "a.md", GAPPY, "one-form")
    again = work.receive(people["ana"], "a.md", GAPPY, "one-form")

    assert again.id == first.id
    assert len(work.files(people["ana"])) == 1


def test_a_draft_may_have_gaps_which_are_told_and_are_filled_before_it_is_published(work, people):
    upload = work.receive(people["ana"], "malmo.md", GAPPY)
    work.read_next()
    (draft,) = work.sent(people["ana"], upload.id).drafts

    gaps = {problem.field for problem in work.gaps(draft)}
    assert {"themes", "summary", "contact"} <= gaps
    waiting = submitted(work, people["ana"], draft)
    with pytest.raises(UnfinishedDraftError, match="themes: is missing"):
        work.accept(people["mia"], waiting.id, waiting.version)


def test_what_is_wrong_keeps_a_draft_from_being_submitted(work, people):
    draft = work.begin(people["ana"])
    draft = work.write(
        people["ana"], draft.id, draft.version,
        {"title": "x", "original_language": "sv", "country": "XX"},
    )  # fmt: skip

    with pytest.raises(UnfinishedDraftError, match="country 'XX'"):
        work.submit(people["ana"], draft.id, draft.version)


def test_a_file_that_cannot_be_read_is_refused_in_words_and_the_queue_goes_on(work, people):
    bad = work.receive(people["ana"], "a.exe", b"MZ\0\0")
    good = work.receive(people["ana"], "a.md", GAPPY)

    assert work.read_next()
    assert work.read_next()
    assert not work.read_next()

    assert work.sent(people["ana"], bad.id).upload.state == "refused"
    assert "not read" in work.sent(people["ana"], bad.id).upload.reason
    assert work.sent(people["ana"], good.id).upload.state == "draft"


@pytest.mark.parametrize(("data", "why"), [(b"", "empty"), (b"x" * 20_971_521, "20 MB")])
def test_what_is_no_file_is_not_even_queued(work, people, data, why):
    with pytest.raises(RefusedFileError, match=why):
        work.receive(people["ana"], "a.md", data)

    assert work.files(people["ana"]) == ()


def test_one_person_may_send_in_so_much_a_day(work, people, monkeypatch):
    monkeypatch.setattr("kb.contributing.MOST_FILES_A_DAY", 2)
    for name in ("a.md", "b.md"):
        work.receive(people["ana"], name, GAPPY)

    with pytest.raises(QuotaError, match="tomorrow"):
        work.receive(people["ana"], "c.md", GAPPY)
    assert work.receive(people["ben"], "c.md", GAPPY)


# Who sees and who may


def test_what_is_not_submitted_exists_for_nobody_else(work, people, sent):
    for name in ("ben", "mia", "zoe"):
        with pytest.raises(DraftNotFoundError):
            work.draft(people[name], sent.id)


def test_what_is_submitted_exists_for_moderators_but_for_no_other_contributor(work, people, sent):
    waiting = submitted(work, people["ana"], sent)

    assert work.draft(people["mia"], waiting.id) == waiting
    with pytest.raises(DraftNotFoundError):
        work.draft(people["ben"], waiting.id)


def test_somebody_elses_file_does_not_exist(work, people):
    upload = work.receive(people["ana"], "a.md", GAPPY)

    for name in ("ben", "mia", "zoe"):
        with pytest.raises(UploadNotFoundError):
            work.sent(people[name], upload.id)


def test_nobody_decides_on_their_own_case(work, people, write_case):
    upload = work.receive(people["mia"], "dublin.md", write_case("dublin").read_bytes())
    work.read_next()
    (draft,) = work.sent(people["mia"], upload.id).drafts
    waiting = submitted(work, people["mia"], draft)

    with pytest.raises(NotAllowedError, match="own case"):
        work.accept(people["mia"], waiting.id, waiting.version)
    assert work.accept(people["zoe"], waiting.id, waiting.version)


def test_who_has_contributed_to_a_case_decides_on_no_revision_of_it(work, people, write_case):
    mia, ben = people["mia"], people["ben"]
    upload = work.receive(mia, "dublin.md", write_case("dublin").read_bytes())
    work.read_next()
    hers = submitted(work, mia, work.sent(mia, upload.id).drafts[0])
    work.accept(people["zoe"], hers.id, hers.version)
    draft = work.revise(ben, "dublin")
    draft = work.write(ben, draft.id, draft.version, {**draft.values, "title": "Now his"})
    his = submitted(work, ben, draft)

    with pytest.raises(NotAllowedError, match="their own case"):
        work.accept(mia, his.id, his.version)
    with pytest.raises(NotAllowedError, match="their own case"):
        work.decline(mia, his.id, his.version, "No.")

    assert work.accept(people["zoe"], his.id, his.version).number == 2


def test_contributors_neither_see_the_queue_nor_decide(work, people, sent):
    waiting = submitted(work, people["ana"], sent)

    with pytest.raises(NotAllowedError):
        work.queue(people["ben"])
    with pytest.raises(DraftNotFoundError):
        work.accept(people["ben"], waiting.id, waiting.version)


def test_what_is_being_reviewed_is_changed_by_the_moderator_only(work, people, sent):
    waiting = submitted(work, people["ana"], sent)

    with pytest.raises(NotAllowedError, match="being reviewed"):
        work.write(people["ana"], waiting.id, waiting.version, {})
    edited = work.write(
        people["mia"], waiting.id, waiting.version, {**waiting.values, "title": "Better"}
    )
    assert edited.values["title"] == "Better"


# Going back and forth


def test_a_moderator_asks_for_changes_and_the_contributor_makes_them(work, people, sent):
    waiting = submitted(work, people["ana"], sent)
    work.comment(people["mia"], waiting.id, "summary", "Say how many flats.")

    asked = work.ask_for_changes(people["mia"], waiting.id, waiting.version, "Nearly there.")

    assert asked.state == "changes-requested"
    assert [(each.field, each.text) for each in work.comments(people["ana"], asked.id)] == [
        ("summary", "Say how many flats."),
        ("", "Nearly there."),
    ]
    changed = work.write(people["ana"], asked.id, asked.version, asked.values)
    assert submitted(work, people["ana"], changed).state == "submitted"


@pytest.mark.parametrize("decide", ["decline", "ask_for_changes"])
def test_a_refusal_needs_a_reason(work, people, sent, decide):
    waiting = submitted(work, people["ana"], sent)

    with pytest.raises(UnfinishedDraftError, match="say why"):
        getattr(work, decide)(people["mia"], waiting.id, waiting.version, "  ")
    assert work.draft(people["ana"], waiting.id).state == "submitted"


def test_two_moderators_do_not_decide_over_each_other(work, people, sent):
    waiting = submitted(work, people["ana"], sent)
    work.write(people["mia"], waiting.id, waiting.version, waiting.values)

    with pytest.raises(StaleDraftError):
        work.accept(people["zoe"], waiting.id, waiting.version)


def test_no_file_and_no_form_says_what_only_a_decision_does(work, people, write_case):
    claims = {"status": "published", "state": "published", "person": people["mia"].id,
              "case_id": "other", "version": "99", "contributor": people["mia"].id}  # fmt: skip
    upload = work.receive(people["ana"], "a.md", write_case(**claims).read_bytes())
    work.read_next()
    (draft,) = work.sent(people["ana"], upload.id).drafts

    written = work.write(people["ana"], draft.id, draft.version, {**draft.values, **claims})

    assert written.values["state"] == "published"
    told = (written.person, written.state, written.case_id, written.version)
    assert told == (people["ana"].id, "draft", "", 2)
    assert work.queue(people["mia"]) == ()


def published(work, people, draft):
    waiting = submitted(work, people["ana"], draft)
    return work.accept(people["mia"], waiting.id, waiting.version)


def test_a_published_case_stays_as_it_is_while_its_next_revision_is_reviewed(
    library, work, people, sent
):
    published(work, people, sent)
    draft = work.revise(people["ben"], "dublin")
    draft = work.write(
        people["ben"], draft.id, draft.version, {**draft.values, "title": "Housing First, later"}
    )
    waiting = submitted(work, people["ben"], draft)

    assert library.page("dublin").revision.case.title == "Housing First"
    assert work.accept(people["mia"], waiting.id, waiting.version).number == 2
    assert library.page("dublin").revision.case.title == "Housing First, later"
    assert [each.case.title for each in library.history("dublin")] == [
        "Housing First", "Housing First, later",
    ]  # fmt: skip


def test_the_id_of_a_published_case_cannot_be_changed_by_its_next_revision(work, people, sent):
    published(work, people, sent)
    draft = work.revise(people["ben"], "dublin")

    written = work.write(people["ben"], draft.id, draft.version, {**draft.values, "id": "other"})

    assert work.case(written).id == "dublin"


def test_a_new_case_never_takes_the_id_of_another(work, people, sent, write_case):
    published(work, people, sent)
    other = write_case("dublin", title="Another case").read_bytes()
    upload = work.receive(people["ben"], "x.md", other)
    work.read_next()
    (draft,) = work.sent(people["ben"], upload.id).drafts

    assert work.case(draft).id == "dublin-2"


def test_an_earlier_revision_is_restored_as_a_new_one(work, people, sent):
    published(work, people, sent)
    draft = work.revise(people["ben"], "dublin")
    draft = work.write(people["ben"], draft.id, draft.version, {**draft.values, "title": "B"})
    work.accept(people["mia"], draft.id, submitted(work, people["ben"], draft).version)

    back = work.restore(people["ana"], "dublin", 1)
    revision = work.accept(people["mia"], back.id, submitted(work, people["ana"], back).version)

    assert (revision.number, revision.case.title) == (3, "Housing First")


def test_a_draft_that_was_overtaken_is_published_only_by_who_has_seen_by_what(work, people, sent):
    published(work, people, sent)
    early, late = (work.revise(people[name], "dublin") for name in ("ana", "ben"))
    late = work.write(people["ben"], late.id, late.version, {**late.values, "title": "B"})
    work.accept(people["mia"], late.id, submitted(work, people["ben"], late).version)
    early = work.write(people["ana"], early.id, early.version, {**early.values, "title": "A"})
    waiting = submitted(work, people["ana"], early)

    assert work.overtaken_by(waiting) == 2
    with pytest.raises(StaleDraftError, match="the case has changed"):
        work.accept(people["mia"], waiting.id, waiting.version)
    assert work.accept(people["mia"], waiting.id, waiting.version, over=2).number == 3


# Going


def test_nobody_retires_or_judges_their_own_case(work, people, write_case):
    upload = work.receive(people["mia"], "dublin.md", write_case("dublin").read_bytes())
    work.read_next()
    (draft,) = work.sent(people["mia"], upload.id).drafts
    work.accept(people["zoe"], draft.id, submitted(work, people["mia"], draft).version)

    with pytest.raises(NotAllowedError, match="their own case"):
        work.retire(people["mia"], "dublin", "withdrawn", "x")
    with pytest.raises(NotAllowedError, match="their own case"):
        work.judge(people["mia"], "dublin", "06.1", "rejected")
    work.retire(people["zoe"], "dublin", "withdrawn", "x")


def test_an_archived_case_can_still_be_withdrawn(library, work, people, sent):
    published(work, people, sent)
    work.retire(people["mia"], "dublin", "archived", "x")
    work.retire(people["mia"], "dublin", "withdrawn", "y")

    with pytest.raises(RetiredCaseError, match="withdrawn"):
        library.page("dublin")


@pytest.mark.parametrize("kind", ["archived", "withdrawn"])
def test_a_retired_case_is_found_no_more(library, work, people, sent, kind):
    published(work, people, sent)
    library.sync()

    work.retire(people["mia"], "dublin", kind, "The city has asked for it.")
    library.sync()

    assert library.search(Query("homeless")).total == 0
    if kind == "archived":
        assert library.page("dublin").retirement.reason == "The city has asked for it."
    else:
        with pytest.raises(RetiredCaseError, match="withdrawn"):
            library.page("dublin")


def test_a_retired_case_comes_back_by_no_file_but_by_a_decision(
    library, work, people, sent, write_case
):
    published(work, people, sent)
    work.retire(people["mia"], "dublin", "withdrawn", "x")

    result = library.ingest([write_case("dublin", title="Once more")])

    assert "withdrawn" in result.remarks[0]
    with pytest.raises(RetiredCaseError):
        library.page("dublin")


def test_a_file_that_was_taken_in_before_does_not_undo_what_was_revised_since(
    library, work, people, write_case
):
    path = write_case("dublin")
    library.ingest([path])
    draft = work.revise(people["ben"], "dublin")
    draft = work.write(people["ben"], draft.id, draft.version, {**draft.values, "title": "B"})
    work.accept(people["mia"], draft.id, submitted(work, people["ben"], draft).version)

    result = library.ingest([path])

    assert result.unchanged == ["dublin"]
    assert library.page("dublin").revision.case.title == "B"


def test_only_an_administrator_takes_down(work, people, sent):
    published(work, people, sent)

    with pytest.raises(NotAllowedError):
        work.take_down(people["mia"], "dublin", "x")


def test_of_what_is_taken_down_no_byte_is_left(
    library, work, people, write_case, tmp_path, monkeypatch
):
    canary = "Zebulon Quackenbush"
    data = write_case("dublin", body=f"Says {canary}.").read_bytes()
    upload = work.receive(people["ana"], "dublin.md", data)
    work.read_next()
    published(work, people, work.sent(people["ana"], upload.id).drafts[0])
    of_others = [work.receive(people["ben"], "same.md", data, "first")]
    work.read_next()
    of_others.append(work.receive(people["ben"], "same.md", data, "second"))
    library.sync()

    work.take_down(people["zoe"], "dublin", "A court has ordered it.")
    library.sync()
    monkeypatch.setattr("kb.search.embedded.engine._STILL_READ_S", 0)
    library.sync()

    with pytest.raises(RetiredCaseError, match="taken-down"):
        library.page("dublin")
    with pytest.raises(CaseNotFoundError):
        library._originals.read(upload.original)
    assert [work.sent(people["ben"], each.id).drafts for each in of_others] == [(), ()]
    assert not work.read_next()
    assert work.sent(people["ben"], of_others[1].id).upload.state == "refused"
    left = [
        path for path in (tmp_path / "data").rglob("*")
        if path.is_file() and canary.split()[1].encode() in path.read_bytes()
    ]  # fmt: skip
    assert left == []


def test_everything_that_was_decided_is_on_record_without_what_was_written(
    library, work, people, sent
):
    waiting = submitted(work, people["ana"], sent)
    waiting = work.assign(people["mia"], waiting.id, waiting.version)
    work.comment(people["ana"], waiting.id, "title", "Housing First is its name.")
    work.accept(people["mia"], waiting.id, waiting.version)
    work.retire(people["mia"], "dublin", "archived", "x")

    told = [(entry.person, entry.action) for entry in library.audit.entries()]

    ana, mia = people["ana"].id, people["mia"].id
    assert told[:6] == [
        (mia, "archived"), (mia, "accept"), (ana, "comment"), (mia, "assign"), (ana, "submit"),
        (ana, "upload"),
    ]  # fmt: skip
    assert not re.search(r"Housing|Hostels|dublin\.md", str(library.audit.entries()))


# Leaving


def test_someone_takes_away_all_that_is_kept_of_them(work, people, sent):
    work.comment(people["ana"], submitted(work, people["ana"], sent).id, "", "Thank you.")

    told = work.export(people["ana"])

    assert [each["file"] for each in told["files"]] == ["dublin.md"]
    assert [each["title"] for each in told["drafts"]] == ["Housing First"]
    assert [each["text"] for each in told["comments"]] == ["Thank you."]
    assert told["person"]["email"] == "ana@example.org"


@pytest.mark.parametrize(("keep", "credit"), [(True, "Ana"), (False, "former contributor")])
def test_whoever_is_erased_leaves_their_cases_and_nothing_else(
    library, work, people, sent, keep, credit
):
    revision = published(work, people, sent)
    unfinished = work.receive(people["ana"], "b.md", GAPPY)
    work.read_next()

    work.erase(people["ana"], keep_credit=keep)

    assert library.page("dublin").revision.case.title == "Housing First"
    assert work.credit(revision.contributor) == credit
    assert work.files(people["ana"]) == ()
    assert [draft.state for draft in work.drafts(people["ana"])] == ["published"]
    with pytest.raises(CaseNotFoundError):
        library._originals.read(unfinished.original)
    assert library._originals.read(revision.original)
