import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.search_contract")

from kb.errors import IndexBusyError, IndexUnavailableError  # noqa: E402 - after the rewriting
from kb.query import Query  # noqa: E402
from kb.search.embedded import writing  # noqa: E402
from kb.search.embedded.engine import EmbeddedEngine  # noqa: E402
from tests.damage import current, empty, truncate, zero, zero_a_block  # noqa: E402
from tests.search_contract import AT_1, AT_2, STOP_WORDS, SearchContract, case, ids  # noqa: E402

ROOT = Path(__file__).parents[2]

HOLDER = """
import sys
from whoosh import index
writer = index.open_dir(sys.argv[1]).writer()
print("held", flush=True)
sys.stdin.read()
"""

# Searches until its input is closed; tells of every answer that was not the whole.
READER = """
import json, select, sys
from pathlib import Path
from kb.query import Query
from kb.search.embedded.engine import EmbeddedEngine

engine = EmbeddedEngine(Path(sys.argv[1]), {})
searches, wrong, generations = 0, [], set()
while not select.select([sys.stdin], [], [], 0)[0]:
    try:
        answer = engine.search(Query("homelessness", size=100))
        if (answer.total, len(answer.found)) != (30, 30):
            wrong.append(answer.total)
    except Exception as err:
        wrong.append(repr(err))
    generations.add(str(engine._generation()))
    searches += 1
    if searches == 1:
        print("reading", flush=True)
print(json.dumps([searches, len(generations), wrong]))
"""


def new_engine(folder: Path) -> EmbeddedEngine:
    return EmbeddedEngine(folder, STOP_WORDS)


# Whoosh leaves a damaged file open; the collector closes it.
left_open = pytest.mark.filterwarnings(
    "ignore:unclosed file:ResourceWarning",
    "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning",
)

DAMAGES = [truncate, empty, zero, zero_a_block, Path.unlink]


class TestEmbeddedEngine(SearchContract):
    @pytest.fixture(scope="class")
    @classmethod
    def engines(cls, tmp_path_factory):
        opened = []

        def engine() -> EmbeddedEngine:
            opened.append(new_engine(tmp_path_factory.mktemp("engine") / "index"))
            return opened[-1]

        yield engine
        for each in opened:
            each.close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def engine(folder):
    opened = new_engine(folder)
    opened.rebuild([case("a", "Housing", title="Homes"), case("b", "Gardens")], AT_1)
    yield opened
    opened.close()


def test_index_folder_is_private(engine, folder):
    folder.chmod(0o755)

    engine.rebuild([], AT_2)

    assert folder.stat().st_mode & 0o777 == 0o700


def test_snapshot_is_kept_while_it_is_up_to_date(engine):
    engine.search(Query("housing"))
    before = engine._snapshot

    engine.search(Query("gardens"))

    assert engine._snapshot is before


@pytest.mark.parametrize("write", ["apply", "rebuild"])
def test_snapshot_is_replaced_after_a_write(engine, write):
    engine.search(Query("housing"))
    before = engine._snapshot

    if write == "apply":
        engine.apply([case("c", "Housing")], [], AT_2)
    else:
        engine.rebuild([case("c", "Housing")], AT_2)
    engine.search(Query("housing"))

    assert engine._snapshot is not before


def test_write_of_another_engine_is_seen(engine, folder):
    assert engine.search(Query("housing")).total == 1
    other = new_engine(folder)

    other.apply([case("c", "Housing")], [], AT_2)
    other.close()

    assert engine.search(Query("housing")).total == 2


def test_deleted_folder_still_answers_from_what_is_open(engine, folder):
    engine.search(Query("housing"))

    folder.rename(folder.with_name("gone"))

    assert ids(engine.search(Query("housing"))) == ["a"]
    assert ids(engine.search(Query("gardens"))) == ["b"]


def test_deleted_folder_is_no_index(engine, folder):
    engine.search(Query("housing"))

    folder.rename(folder.with_name("gone"))

    assert engine.checkpoint() is None
    with pytest.raises(IndexUnavailableError):
        engine.apply([case("c", "Housing")], [], AT_2)


def test_deleted_generation_is_no_index(engine, folder):
    engine.search(Query("housing"))

    current(folder).rename(folder / "gone")

    assert engine.checkpoint() is None
    with pytest.raises(IndexUnavailableError):
        engine.apply([case("c", "Housing")], [], AT_2)


def test_deleted_folder_is_unavailable_once_it_is_closed(engine, folder):
    folder.rename(folder.with_name("gone"))

    engine.close()

    with pytest.raises(IndexUnavailableError):
        engine.search(Query("housing"))


def test_generation_removed_while_it_is_opened_gives_way_to_the_newer_one(engine, folder):
    opened = engine._open(folder / "g-1")

    assert opened.generation == current(folder)
    opened.close()


def test_rebuild_after_deletion_is_seen_by_an_open_engine(engine, folder):
    engine.search(Query("housing"))
    folder.rename(folder.with_name("gone"))

    new_engine(folder).rebuild([case("c", "Housing")], AT_2)

    assert ids(engine.search(Query("housing"))) == ["c"]


@left_open
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("kind", ["*.seg", "*.toc"])
def test_damaged_file_is_noticed(engine, folder, kind, damage):
    engine.close()

    damage(next(current(folder).glob(kind)))

    assert engine.checkpoint() is None or not engine.verify()


@pytest.mark.parametrize("damage", [empty, zero, Path.unlink], ids=lambda damage: damage.__name__)
def test_damaged_lexicon_is_noticed(engine, folder, damage):
    engine.close()
    lexicon = current(folder) / "lexicon.sqlite"

    damage(lexicon)

    assert engine.checkpoint() is None


@left_open
@pytest.mark.parametrize("damage", [truncate, empty, zero], ids=lambda damage: damage.__name__)
def test_writing_to_a_damaged_index_leaves_no_lock(engine, folder, damage):
    engine.close()
    damage(next(current(folder).glob("*.toc")))

    with pytest.raises(IndexUnavailableError):
        engine.apply([case("c", "Housing")], [], AT_2)

    engine.rebuild([case("c", "Housing")], AT_2)
    assert ids(engine.search(Query("housing"))) == ["c"]


def test_index_without_its_seal_is_not_whole(engine, folder):
    (current(folder) / "seal.json").unlink()

    assert not engine.verify()


def test_a_file_that_is_being_written_while_a_searcher_is_opened_is_no_damage(engine, folder):
    beginning = current(folder) / "MAIN_next.seg"
    beginning.write_bytes(b"half")
    engine.close()
    engine.search(Query("housing"))

    beginning.write_bytes(b"half and half")

    assert ids(engine.search(Query("housing"))) == ["a"]
    assert engine.checkpoint() == AT_1


def test_leftover_of_a_rebuild_is_removed(engine, folder):
    leftover = folder / "g-1.new"
    leftover.mkdir()
    (leftover / "half.seg").write_bytes(b"x")

    engine.rebuild([], AT_2)

    assert not leftover.exists()


def test_rebuild_keeps_one_old_generation_for_readers(engine, folder):
    for _ in range(3):
        before = current(folder)
        engine.rebuild([], AT_2)

    assert set(folder.glob("g-*")) == {before, current(folder)}


def test_index_held_by_another_process_is_busy(engine, folder, monkeypatch):
    monkeypatch.setattr(writing, "_BUSY_S", 0)
    command = [sys.executable, "-W", "ignore", "-c", HOLDER, str(current(folder))]
    with subprocess.Popen(  # noqa: S603 - our own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"

        with pytest.raises(IndexBusyError):
            engine.apply([case("c", "Housing")], [], AT_2)

        holder.kill()

    engine.apply([case("c", "Housing")], [], AT_2)
    assert engine.checkpoint() == AT_2


def test_reader_in_another_process_sees_only_whole_indexes(engine, folder):
    documents = [case(f"case-{n}", concepts={"06": 1.0}) for n in range(30)]
    engine.rebuild(documents, AT_1)
    command = [sys.executable, "-W", "ignore", "-c", READER, str(folder)]
    with subprocess.Popen(  # noqa: S603 - our own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as reader:
        assert reader.stdout.readline() == "reading\n"

        for n in range(10):
            engine.rebuild(documents, AT_1)
            engine.apply([documents[n]], [], AT_2)
        told, _ = reader.communicate()

    searches, generations, wrong = json.loads(told)
    assert wrong == []
    assert searches > 10
    assert generations > 1
