"""The file of directions: it may be deleted, cut or damaged at any moment, and is made anew."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from kb import lock
from kb.search.engine import Checkpoint
from kb.search.meaning.directions import _LOCK, MOST_BESIDE, Directions
from kb.search.meaning.levels import unit
from kb.search.meaning.spaces import PassageSpace
from kb.search.meaning.vectors import Vectors
from tests.damage import empty, truncate, zero, zero_a_block

ROOT = Path(__file__).parents[2]
MODEL = "a-model"
AT_1 = Checkpoint("a database", "a version", 1)
WIDE = 16
CASES = 200
KILLS = int(os.environ.get("KB_KILLS", "3"))


def vector(number):
    return unit(np.random.default_rng(number).normal(1, 1, (1, WIDE)).astype(np.float32))[0]


def publish(vectors, case_id, *numbers, anew=False):
    """Note a case and keep the vector of each of its passages."""
    texts = [("fi" if number % 3 else "de", number.to_bytes(16)) for number in numbers]
    vectors.note([(case_id, texts)], [], AT_1, anew=anew)
    vectors.keep(MODEL, {number.to_bytes(16): vector(number) for number in numbers})


def open_in(folder):
    vectors = Vectors(folder / "vectors.sqlite")
    return vectors, Directions(vectors, folder / "directions")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filled")
    vectors, directions = open_in(folder)
    for number in range(CASES):
        publish(vectors, f"case-{number:03}", 2 * number, 2 * number + 1)
    directions.bring_up(MODEL)
    vectors.close()
    return folder


@pytest.fixture
def folder(template, tmp_path):
    return Path(shutil.copytree(template, tmp_path / "data"))


@pytest.fixture
def filled(folder):
    vectors, directions = open_in(folder)
    yield vectors, directions
    directions.close()
    vectors.close()


def laid_in(folder):
    (path,) = (folder / "directions").glob("*.arrays")
    return path


def best(directions, number):
    """Return the case and the passage that are nearest to a vector."""
    laid = directions.lay(MODEL)
    space = PassageSpace(laid.beside, laid.passages, laid.means, laid.gone)
    found = space.nearest(vector(number))
    row = int(found.cosines.argmax())
    return found.cases[row], int(found.passages[row])


def test_answers_out_of_the_file_are_those_out_of_memory(filled, folder):
    _, directions = filled
    mapped = directions.lay(MODEL)
    laid_in(folder).unlink()
    directions.close()
    in_memory = directions.lay(MODEL)
    asked = vector(1234)

    one = PassageSpace(mapped.beside, mapped.passages, mapped.means).nearest(asked)
    other = PassageSpace(in_memory.beside, in_memory.passages, in_memory.means).nearest(asked)

    assert (len(mapped.beside), len(in_memory.beside)) == (0, 2 * CASES)
    assert list(one.cases) == list(other.cases)
    assert one.cosines == pytest.approx(other.cosines, abs=1e-6)
    assert (one.passages == other.passages).all()


def test_a_new_case_is_found_before_the_file_is_made_anew(filled, folder):
    vectors, directions = filled
    before = laid_in(folder)

    publish(vectors, "new", 5000, 5001)
    directions.bring_up(MODEL)

    assert best(directions, 5001) == ("new", 1)
    assert laid_in(folder) == before


def test_a_case_published_by_another_process_is_found_by_this_one(filled, folder):
    _, directions = filled
    assert best(directions, 5001)[0] != "new"

    child(folder, "publish(vectors, 'new', 5000, 5001)")

    assert best(directions, 5001) == ("new", 1)


def test_a_changed_case_is_found_as_it_is_and_not_as_it_was(filled):
    vectors, directions = filled
    assert best(directions, 14) == ("case-007", 0)

    publish(vectors, "case-007", 5000, 15)

    assert best(directions, 14)[0] != "case-007"
    assert best(directions, 15) == ("case-007", 1)
    assert best(directions, 5000) == ("case-007", 0)


def test_a_dropped_case_is_found_no_more(filled):
    vectors, directions = filled

    vectors.note([], ["case-007"], AT_1, anew=False)

    assert best(directions, 14)[0] != "case-007"


def test_the_file_is_made_anew_once_much_has_changed_and_the_former_is_deleted(filled, folder):
    vectors, directions = filled
    before, laid = laid_in(folder), directions.lay(MODEL)
    for number in range(10):
        publish(vectors, f"new-{number}", 5000 + number)

    directions.bring_up(MODEL)

    assert laid_in(folder) != before
    assert len(directions.lay(MODEL).beside) == 0
    assert best(directions, 5003) == ("new-3", 0)
    # Who still maps the former file goes on with it.
    space = PassageSpace(laid.beside, laid.passages, laid.means, laid.gone)
    assert len(space.nearest(vector(14)).cases) == CASES


def test_a_file_that_holds_what_there_is_is_left_alone(filled, folder):
    _, directions = filled
    before = laid_in(folder).stat()

    directions.bring_up(MODEL)

    assert laid_in(folder).stat().st_ino == before.st_ino


def test_the_last_case_that_is_dropped_leaves_an_empty_file(filled):
    vectors, directions = filled
    vectors.note([], vectors.owners(), AT_1, anew=False)

    directions.bring_up(MODEL)

    laid = directions.lay(MODEL)
    space = PassageSpace(laid.beside, laid.passages, laid.means, laid.gone)
    assert space.nearest(vector(1)).cases == ()


def test_vectors_of_another_model_get_a_file_of_their_own(filled, folder):
    vectors, directions = filled
    before = laid_in(folder)
    vectors.keep("another", {number.to_bytes(16): vector(number) for number in range(9)})

    directions.bring_up("another")

    assert laid_in(folder) != before
    assert len(directions.lay("another").passages.positions) == 9


def flip(place):
    """Return what turns one bit, so far (0 to 1) into a file."""

    def damage(path):
        data = bytearray(path.read_bytes())
        data[int(place * (len(data) - 1))] ^= 0x10
        path.write_bytes(data)

    damage.__name__ = f"flip at {place}"
    return damage


def add(path):
    path.write_bytes(path.read_bytes() + b"x")


FLIPS = [flip(place / 20) for place in range(21)]
DAMAGES = pytest.mark.parametrize(
    "damage",
    [truncate, empty, zero, zero_a_block, add, Path.unlink, *FLIPS],
    ids=lambda each: each.__name__,
)


@DAMAGES
def test_a_damaged_file_changes_no_answer_and_is_made_anew(filled, folder, damage):
    _, directions = filled
    damage(laid_in(folder))

    assert best(directions, 14) == ("case-007", 0)

    directions.bring_up(MODEL)
    assert len(directions.lay(MODEL).beside) == 0
    assert best(directions, 15) == ("case-007", 1)
    assert laid_in(folder).exists()


@DAMAGES
def test_a_file_damaged_while_it_is_mapped_is_let_go_of_and_made_anew(filled, folder, damage):
    _, directions = filled
    assert best(directions, 14) == ("case-007", 0)

    damage(laid_in(folder))

    assert directions.untouched == (damage is Path.unlink)  # what was deleted stays as it was
    assert best(directions, 14) == ("case-007", 0)
    directions.bring_up(MODEL)
    assert len(directions.lay(MODEL).beside) == 0
    assert best(directions, 15) == ("case-007", 1)


def test_a_file_that_cannot_be_opened_now_is_kept(filled, folder):
    _, directions = filled
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    with directions._vectors.view() as view:
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, usual[1]))
        try:
            found = directions._file(view, MODEL)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, usual)

    assert found is None
    assert laid_in(folder).exists()
    assert best(directions, 15) == ("case-007", 1)


def test_a_damaged_file_is_found_by_who_makes_it_though_nothing_has_changed(filled, folder):
    _, directions = filled
    zero(laid_in(folder))

    directions.bring_up(MODEL)

    assert len(directions.lay(MODEL).beside) == 0
    assert best(directions, 15) == ("case-007", 1)


def test_who_meets_a_file_that_was_just_replaced_takes_its_successor(filled, folder):
    vectors, other = filled
    for number in range(10):
        publish(vectors, f"new-{number}", 5000 + number)

    class Interrupted(Vectors):
        """Vectors of which another makes the file right after one began to read them."""

        @contextmanager
        def view(self):
            with super().view() as view:
                view.laid_out(MODEL)  # from here on it sees nothing new
                other.bring_up(MODEL)
                yield view

    late = Interrupted(folder / "vectors.sqlite")
    laid = Directions(late, folder / "directions").lay(MODEL)

    assert len(laid.beside) == 0
    assert len(laid.passages.cases) == CASES + 10
    late.close()


def test_while_another_process_makes_the_file_nobody_waits_and_all_is_found(filled, folder):
    vectors, directions = filled
    for number in range(10):
        publish(vectors, f"new-{number}", 5000 + number)
    before = laid_in(folder)

    with lock.held(folder / "directions" / _LOCK, 0):
        directions.bring_up(MODEL)

    assert laid_in(folder) == before
    assert best(directions, 5003) == ("new-3", 0)


def test_too_many_new_passages_are_said_to_be_late_and_the_last_are_found(tmp_path):
    vectors, directions = open_in(tmp_path)
    publish(vectors, "first", 1, anew=True)
    directions.bring_up(MODEL)
    publish(vectors, "many", *range(10, 10 + MOST_BESIDE))
    publish(vectors, "last", 7_000_000)

    assert directions.late(MODEL) == 1
    assert best(directions, 7_000_000) == ("last", 0)
    assert len(directions.lay(MODEL).beside) == 1

    directions.bring_up(MODEL)
    assert directions.late(MODEL) == 0
    assert best(directions, 5000)[0] == "many"
    vectors.close()


def test_answers_are_right_while_the_file_is_made_again_and_again(filled):
    vectors, directions = filled
    stop, wrong = threading.Event(), []

    def ask():
        while not stop.is_set():
            wrong.extend(n for n in (14, 200, 390) if best(directions, n)[0] != f"case-{n // 2:03}")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(60):
        publish(vectors, f"new-{number}", 5000 + number)
        directions.bring_up(MODEL)
    stop.set()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert best(directions, 5059) == ("new-59", 0)


# Prints a line when it begins, and makes the file again and again.
MAKER = """
print("begun", flush=True)
number = 10_000
while True:
    for _ in range(12):
        number += 1
        publish(vectors, f"new-{number}", number)
    directions.bring_up(MODEL)
"""


def test_killed_while_it_makes_the_file_nothing_is_lost_and_nothing_left_over(folder):
    for _ in range(KILLS):
        process = started(folder, MAKER)
        assert process.stdout.readline() == "begun\n"
        try:
            process.wait(random.uniform(0, 0.5))  # noqa: S311 - any moment will do
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()

        vectors, directions = open_in(folder)
        done, of = vectors.progress(MODEL)
        assert best(directions, 14) == ("case-007", 0)
        directions.bring_up(MODEL)
        laid = directions.lay(MODEL)
        held = len(laid.passages.positions) + len(laid.beside)
        assert held == done
        assert of - done in {0, 1}  # the vector of a passage is kept after the passage was noted
        assert len(list((folder / "directions").iterdir())) == 2  # the file and its lock
        vectors.close()


BOUNDED = """
import resource
np.ones((99, 99), np.float32) @ np.ones((99, 99), np.float32)  # its library takes memory once
status = Path("/proc/self/status").read_text()
mapped = int(status.split("VmSize:")[1].split()[0]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (mapped + 40_000_000, mapped + 40_000_000))
try:
    np.ones((40_000, 384), np.float32)
except MemoryError:
    print("limited", flush=True)
directions.bring_up(MODEL)
(path,) = directions._folder.glob("*.arrays")
print(path.stat().st_size)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are those of Linux")
def test_the_file_is_made_in_less_memory_than_its_vectors_take(tmp_path):
    vectors = Vectors(tmp_path / "vectors.sqlite")
    number, wide = 40_000, 384
    keys = [place.to_bytes(16) for place in range(number)]
    rows = np.random.default_rng(1).integers(-127, 128, (number, wide), np.int8)
    vectors._insert((MODEL, key, 0.01, row.tobytes()) for key, row in zip(keys, rows, strict=True))
    wanted = [
        (f"case-{n:06}", [("de", key) for key in keys[n : n + 5]]) for n in range(0, number, 5)
    ]
    vectors.note(wanted, [], AT_1, anew=True)
    vectors.close()

    told = child(tmp_path, BOUNDED).split()

    assert told[0] == "limited"
    assert int(told[1]) > number * wide


def child(folder, code):
    """Run code in another process that has the same vectors open; return what it prints."""
    out, _ = (process := started(folder, code)).communicate()
    assert process.returncode == 0
    return out


def started(folder, code):
    begin = (
        "import sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from tests.kb.test_directions import MODEL, open_in, publish\n"
        f"vectors, directions = open_in(Path({str(folder)!r}))\n"
    )
    return subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-c", begin + code],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
