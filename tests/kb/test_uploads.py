import threading
import time

import pytest

from kb.database import Connections
from kb.errors import UploadNotFoundError
from kb.saying import lines, packed, said
from kb.uploads import LEASE_S, MOST_ATTEMPTS, Uploads


@pytest.fixture
def uploads(tmp_path, clock):
    connections = Connections(tmp_path / "a.sqlite")
    yield Uploads(connections, clock)
    connections.close()


def test_a_file_is_queued_and_taken_by_one_worker_only(uploads):
    sent = uploads.add("p", "a.pdf", "0" * 64, 10)

    assert sent.state == "queued"
    assert uploads.lease().id == sent.id
    assert uploads.lease() is None
    assert uploads.get(sent.id).state == "parsing"


def test_the_same_key_of_the_same_person_is_the_same_upload(uploads):
    first = uploads.add("p", "a.pdf", "0" * 64, 10, "key")

    assert uploads.add("p", "a.pdf", "0" * 64, 10, "key") == first
    assert uploads.add("q", "a.pdf", "0" * 64, 10, "key").id != first.id
    assert len(uploads.of("p")) == 1


def test_files_are_taken_in_the_order_in_which_they_came(uploads, clock):
    ids = []
    for name in "abc":
        ids.append(uploads.add("p", name, "0" * 64, 1).id)
        clock.at += 1

    assert [uploads.lease().id for _ in ids] == ids


def test_a_file_whose_worker_died_is_taken_again_and_then_given_up(uploads, clock):
    sent = uploads.add("p", "a.pdf", "0" * 64, 10)

    for _ in range(MOST_ATTEMPTS):
        assert uploads.lease().id == sent.id
        clock.at += LEASE_S + 1

    assert uploads.lease() is None
    assert uploads.get(sent.id).state == "failed"
    assert uploads.get(sent.id).reason.startswith("too complex: ")


def test_a_reason_comes_back_as_it_was_said(uploads):
    sent = uploads.add("p", "a.csv", "0" * 64, 10)
    reason = lines([said("has {count:,} rows", count=6_000), said("is damaged")])

    uploads.end(sent.id, "refused", reason)

    found = uploads.get(sent.id).reason
    assert found == reason == "has 6,000 rows\nis damaged"
    assert packed(found) == packed(reason)


def test_a_reason_from_before_they_could_be_translated_is_still_told(uploads):
    sent = uploads.add("p", "a.csv", "0" * 64, 10)
    with uploads._connections.writing() as db:
        db.execute("UPDATE uploads SET reason = 'has no rows'")

    assert uploads.get(sent.id).reason == "has no rows"


def test_a_worker_that_lives_keeps_its_file_however_long_it_takes(uploads, clock, monkeypatch):
    monkeypatch.setattr("kb.uploads.RENEWED_EVERY_S", 0.01)
    uploads.add("p", "a.pdf", "0" * 64, 10)
    taken = uploads.lease()

    with uploads.kept(taken):
        for _ in range(3):
            clock.at += LEASE_S - 1
            time.sleep(0.2)
            assert uploads.lease() is None
    clock.at += LEASE_S + 1

    assert uploads.lease().id == taken.id


def test_a_lease_that_others_have_taken_is_not_renewed(uploads, clock, monkeypatch):
    uploads.add("p", "a.pdf", "0" * 64, 10)
    first = uploads.lease()
    clock.at += LEASE_S + 1
    second = uploads.lease()
    clock.at += LEASE_S + 1

    monkeypatch.setattr("kb.uploads.RENEWED_EVERY_S", 0.01)
    with uploads.kept(first):
        time.sleep(0.2)

    assert not uploads.holds(first)
    assert uploads.holds(second)
    assert uploads.lease() is None  # it was the second that had its time
    assert uploads.get(second.id).state == "failed"


def test_one_that_was_given_up_keeps_up_no_other(uploads, clock):
    uploads.add("p", "bomb.pdf", "0" * 64, 10)
    for _ in range(MOST_ATTEMPTS):
        uploads.lease()
        clock.at += LEASE_S + 1
    other = uploads.add("p", "b.pdf", "1" * 64, 10)

    assert uploads.lease().id == other.id


def test_what_came_of_a_file_is_told(uploads):
    sent = uploads.add("p", "a.pdf", "0" * 64, 10)

    uploads.end(sent.id, "refused", "is encrypted; upload an unlocked copy")

    assert (uploads.get(sent.id).state, uploads.get(sent.id).reason) == (
        "refused", "is encrypted; upload an unlocked copy",
    )  # fmt: skip
    assert uploads.lease() is None


def test_what_a_person_has_sent_in_lately_is_counted(uploads, clock):
    uploads.add("p", "a.pdf", "0" * 64, 10)
    clock.at += 100
    uploads.add("p", "b.pdf", "1" * 64, 20)

    assert uploads.sent_since("p", clock.at - 1000) == (2, 30)
    assert uploads.sent_since("p", clock.at - 50) == (1, 20)
    assert uploads.sent_since("q", 0) == (0, 0)


def test_an_upload_that_is_not_there_is_said(uploads):
    with pytest.raises(UploadNotFoundError, match="no upload 'x'"):
        uploads.get("x")


def test_of_many_workers_at_once_each_gets_another_file(tmp_path, clock):
    connections = Connections(tmp_path / "a.sqlite")
    uploads = Uploads(connections, clock)
    for number in range(20):
        uploads.add("p", f"{number}", f"{number:064}", 1)
    taken = []

    def work():
        while upload := uploads.lease():
            taken.append(upload.id)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    connections.close()

    assert len(taken) == len(set(taken)) == 20
