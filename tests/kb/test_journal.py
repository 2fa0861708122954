"""What the log says of what happened, and what it does not say."""

import json
import logging
import sqlite3

import pytest

from kb import journal
from kb.errors import CaseNotFoundError, IndexBusyError
from kb.journal import JsonLines, Text

OURS, THEIRS = "kb.worker", "gunicorn.error"


def record(name, message, *args, raised=None, **told):
    info = (type(raised), raised, raised.__traceback__) if raised else None
    made = logging.LogRecord(name, logging.WARNING, "", 0, message, args, info)
    made.told = told
    return made


def told(*args, **more):
    return json.loads(JsonLines("web").format(record(*args, **more)))


def raised(error):
    try:
        raise error
    except type(error) as err:
        return err


def test_a_record_is_one_line_that_programs_can_read():
    line = JsonLines("worker").format(record(OURS, "a\nb \u2028 %s", "c\x1b[31m", step="sync"))

    assert "\n" not in line
    assert line.isascii()
    read = json.loads(line)
    assert read["event"] == "a\nb \u2028 c\x1b[31m"
    assert (read["process"], read["level"], read["step"]) == ("worker", "warning", "sync")
    assert read["time"].endswith("Z")


@pytest.mark.parametrize(
    "text",
    ["anna.nowak@city.example", "<anna@city.example>,", "192.0.2.17", "2001:db8::17",
     "a=anna@x.example", "from 192.0.2.17:443"],
)  # fmt: skip
def test_no_address_of_a_person_is_told(text):
    event = told(OURS, "sent to %s", text)["event"]

    assert "anna" not in event
    assert ".17" not in event
    assert "::17" not in event


@pytest.mark.parametrize("text", ["127.0.0.1:8000", "::1", "12:30:15", "whoosh 2.7.4", "10:05"])
def test_what_is_of_this_computer_or_no_address_is_told(text):
    assert told(OURS, "at %s", text)["event"] == f"at {text}"


@pytest.mark.parametrize(
    ("message", "args", "event"),
    [
        ("Error handling request %s", ("/search?q=secret",), "Error handling request [...]"),
        ("Booting worker with pid: %s", (17,), "Booting worker with pid: 17"),
        ("Worker (pid:%s) was sent %s", (17, "SIGKILL"), "Worker (pid:17) was sent SIGKILL"),
        ("GET /search?q=secret failed", (), "GET [...] failed"),
        ("invalid line 'GET /secret' and \"secret\"", (), "invalid line [...] and [...]"),
        ("%d of %s", ("secret", 1), "%d of %s"),
    ],
)
def test_of_what_libraries_say_only_numbers_and_signals_are_filled_in(message, args, event):
    assert told(THEIRS, message, *args)["event"] == event


def test_of_an_exception_it_tells_class_and_place_and_not_the_value():
    err = raised(CaseNotFoundError("what-somebody-typed"))

    (error,) = told(OURS, "failed", raised=err)["error"]

    assert error["type"] == "kb.errors.CaseNotFoundError"
    assert error["said"] == ""
    assert error["at"][0].startswith("tests/kb/test_journal.py:")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (sqlite3.OperationalError("no such table: cases"), "no such table: cases"),
        (OSError(28, "No space left on device", "/x/anna"), "No space left on device"),
        (IndexBusyError("another process has been indexing"), "another process has been indexing"),
        (ConnectionError("https://x.example/?q=secret"), ""),
        (KeyError("secret"), ""),
    ],
)
def test_of_what_is_wrong_with_the_computer_it_tells_the_message(error, said):
    assert told(OURS, "failed", raised=raised(error))["error"][0]["said"] == said


def test_causes_are_told_the_first_last_and_circles_end():
    one, two = KeyError("a"), ValueError("b")
    one.__cause__, two.__cause__ = two, one

    types = [each["type"] for each in told(OURS, "failed", raised=one)["error"]]

    assert types[:2] == ["builtins.KeyError", "builtins.ValueError"]
    assert len(types) == 8


def test_people_are_told_the_same():
    err = raised(sqlite3.OperationalError("database is locked"))

    text = Text().format(record(OURS, "failed for anna@x.example\nAGAIN", raised=err, step="sync"))

    head, error, place = text.split("\n")
    assert head.endswith("WARNING kb.worker: failed for [...]\\nAGAIN step=sync")
    assert error == "  sqlite3.OperationalError: database is locked"
    assert place.startswith("    tests/kb/test_journal.py:")


def test_the_request_stands_in_every_line_about_it():
    before = journal.REQUEST.set("0123456789abcdef")
    try:
        assert told(OURS, "failed")["request"] == "0123456789abcdef"
    finally:
        journal.REQUEST.reset(before)
    assert "request" not in told(OURS, "failed")
