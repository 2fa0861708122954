"""The cluster engine on a real cluster of three nodes: `make cluster`."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

pytest.register_assert_rewrite("tests.search_contract")

from kb.errors import IndexUnavailableError  # noqa: E402 - after the rewriting
from kb.library import Library, open_library  # noqa: E402
from kb.query import Match, Query  # noqa: E402
from kb.search.cluster import layout  # noqa: E402
from kb.search.cluster.door import Cluster  # noqa: E402
from kb.search.cluster.engine import ClusterEngine  # noqa: E402
from kb.search.cluster.writing import drop, send  # noqa: E402
from kb.search.engine import FindNearest, Nearest, nothing_near  # noqa: E402
from kb.search.fields import INDEX_VERSION, Document  # noqa: E402
from kb.settings import Settings  # noqa: E402
from tests.conftest import ROOT  # noqa: E402
from tests.nodes import missing, running  # noqa: E402
from tests.search_contract import (  # noqa: E402
    AT_1,
    AT_2,
    STOP_WORDS,
    SearchContract,
    case,
    found,
    ids,
)

_NUMBERS = count()


@pytest.fixture(scope="session")
def nodes(tmp_path_factory):
    if not os.environ.get("KB_CLUSTER"):
        pytest.skip("needs a cluster of three nodes; run: make cluster")
    if missing():
        pytest.skip(missing())
    with running(tmp_path_factory.mktemp("nodes")) as started:
        yield started


@pytest.fixture(scope="session")
def new_engine(nodes, tmp_path_factory):
    """Return a function that makes an engine without an index; all are deleted at the end."""
    folder, opened = tmp_path_factory.mktemp("names"), []

    def new(find_nearest: FindNearest = nothing_near) -> ClusterEngine:
        cluster = Cluster(nodes.addresses, prefix=f"t{next(_NUMBERS)}")
        opened.append(ClusterEngine(cluster, folder, STOP_WORDS, find_nearest))
        return opened[-1]

    yield new
    for each in opened:
        _remove(each)


class TestClusterEngine(SearchContract):
    @pytest.fixture(scope="class")
    @classmethod
    def engines(cls, new_engine):
        return new_engine

    @pytest.fixture
    def engine(self, engines):
        opened = engines()
        yield opened
        _remove(opened)  # it holds shards on three nodes


@pytest.fixture
def engine(new_engine):
    opened = new_engine()
    yield opened
    _remove(opened)


def indexes(engine: ClusterEngine) -> dict[str, set[str]]:
    return engine._door.behind(f"{engine._cases}-*,{engine._words}-*")


def test_index_says_its_version_and_an_alias_says_which_is_current(engine):
    engine.rebuild([case("a", "Housing")], AT_1)

    assert set().union(*indexes(engine).values()) == {engine._cases, engine._words}
    assert len(indexes(engine)) == 2
    assert all(f"-{INDEX_VERSION}-" in index for index in indexes(engine))


def test_replaced_generation_is_removed_once_nobody_reads_it(engine, monkeypatch):
    engine.rebuild([case("a", "Housing")], AT_1)
    engine.rebuild([case("b", "Housing")], AT_2)
    assert len(indexes(engine)) == 4

    monkeypatch.setattr("kb.search.cluster.engine._STILL_READ_S", -5)
    engine.tidy()

    assert len(indexes(engine)) == 2
    assert ids(engine.search(Query("housing"))) == ["b"]


def test_half_built_generation_is_removed_by_the_next(engine):
    engine._door.create(f"{engine._cases}-0-0", layout.cases({}))

    engine.rebuild([], AT_1)

    assert f"{engine._cases}-0-0" not in indexes(engine)


def test_readers_see_one_generation_or_the_other_while_they_are_swapped(engine):
    documents = [case(f"case-{n}", "Housing") for n in range(20)]
    engine.rebuild(documents, AT_1)
    stop, totals = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            totals.append(engine.search(Query("housing", size=50)).total)

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        for _ in range(3):
            engine.rebuild(documents, AT_2)
        stop.set()
        reading.result()

    assert set(totals) == {20}


def test_commit_that_was_cut_off_is_not_seen_and_is_done_again(engine, monkeypatch):
    engine.rebuild([case("a", "Housing")], AT_1)
    monkeypatch.setattr(engine._door, "refresh", _cut_off)
    with pytest.raises(ZeroDivisionError):
        engine.apply([case("b", "Housing")], ["a"], AT_2)
    monkeypatch.undo()
    assert (found(engine, "housing"), engine.checkpoint()) == ({"a"}, AT_1)

    engine.apply([case("b", "Housing")], ["a"], AT_2)

    assert (found(engine, "housing"), engine.checkpoint()) == ({"b"}, AT_2)


def test_lost_case_is_noticed(engine):
    engine.rebuild([case("a", "Housing"), case("b", "Housing")], AT_1)
    send(engine._door, [drop(engine._current().cases, "a")])
    engine._door.refresh(engine._cases)

    assert not engine.verify()


def test_cluster_that_cannot_be_reached_is_unavailable(tmp_path):
    engine = ClusterEngine(Cluster(("http://127.0.0.1:1",)), tmp_path, {})

    for ask in (
        engine.checkpoint,
        lambda: engine.search(Query("housing")),
        lambda: engine.similar("a", 3),
        lambda: engine.apply([], [], AT_1),
    ):
        with pytest.raises(IndexUnavailableError):
            ask()
    assert engine.size() == 0
    engine.close()


def test_site_says_that_the_index_is_missing_while_no_cluster_answers(tmp_path):
    opened = open_library(
        Settings(data=tmp_path, encoder="off", opensearch=("http://127.0.0.1:1",))
    )

    status = opened.status()

    assert (status.index.engine, status.index.state) == ("opensearch", "missing")
    opened.close()


def test_near_cases_are_found_by_meaning_and_say_so(new_engine):
    nearest = Nearest(("a", "b"), np.array([0.5, 0.05], np.float32), np.array([2, 0], np.int32))
    engine = new_engine(lambda _: nearest)
    engine.rebuild([case("a", "xxx"), case("b", "yyy"), case("c", "a monorail")], AT_1)

    answer = engine.search(Query("a monorail"))

    assert ids(answer) == ["a", "c"]
    assert answer.found[0].matches == (Match("meaning", "a monorail", ""),)
    assert answer.found[0].nearest == 2


QUESTIONS = (
    "homeless",
    "Obdachlose",
    "housing first",
    "jeunes chômeurs",
    "country:FI",
    "particip*",
    '"social economy"',
    "бездомни OR младежи",
    "asukkaat kaupunki",
    "unemploid people",
)


def test_cluster_finds_in_the_corpus_what_the_embedded_engine_finds(
    nodes, tmp_path, corpus_library
):
    settings = Settings(
        data=tmp_path, encoder="off", opensearch=nodes.addresses, opensearch_index="corpus"
    )
    library = open_library(settings)
    assert not library.ingest([ROOT / "corpus"]).refused
    library.sync()

    assert library.status().index == replace(corpus_library.status().index, engine="opensearch")
    for text in QUESTIONS:
        here, there = library.search(Query(text)), corpus_library.search(Query(text))
        assert here.total == there.total, text
        assert here.facets == there.facets, text
        assert here.corrections == there.corrections, text
        assert set(all_ids(library, text)) == set(all_ids(corpus_library, text))
    # Of cases that only share a concept the bar is a part of the best score, and scores differ.
    long = "energy poverty renovation advice"
    assert set(all_ids(library, long)[:3]) == set(all_ids(corpus_library, long)[:3])
    library.close()


# Nodes that are killed: last, because they are started again.


@pytest.fixture
def wounded(nodes):
    """The nodes, of which a test may kill the last one; all are there again afterwards."""
    yield nodes
    if 2 not in nodes.processes:
        nodes.start(2)
    nodes.wait(3, "green")


def test_node_killed_while_it_is_searched_stops_no_search(engine, wounded):
    engine.rebuild([case(f"case-{n}", "Housing") for n in range(50)], AT_1)

    wounded.kill(2)
    totals = {engine.search(Query("housing")).total for _ in range(20)}

    assert totals == {50}


def test_node_killed_while_cases_are_put_in_loses_and_doubles_none(engine, wounded):
    engine.rebuild([case(f"case-{n}", "Housing") for n in range(50)], AT_1)

    def documents() -> Iterator[Document]:
        yield from (case(f"case-{n}", "Gardens") for n in range(25, 75))

    killer = threading.Timer(0.2, wounded.kill, [2])
    killer.start()
    engine.apply(documents(), ["case-0"], AT_2)
    killer.join()

    assert (engine.size(), engine.checkpoint()) == (74, AT_2)
    assert len(engine.ids(Query("gardens"))) == len(set(engine.ids(Query("gardens")))) == 50
    assert len(engine.ids(Query("housing"))) == 24


def test_lag_of_a_wounded_cluster_shows_and_closes(wounded, tmp_path, write_case):
    settings = Settings(
        data=tmp_path / "data", encoder="off", opensearch=wounded.addresses,
        opensearch_index="wounded",
    )  # fmt: skip
    library = open_library(settings)
    library.ingest([write_case("one", "There is an orchard.")])
    library.sync()
    wounded.kill(2)

    library.ingest([write_case("two", "There is an orchard.")])
    behind = library.status().index
    library.sync()
    ready = library.status().index

    assert (behind.state, behind.behind) == ("behind", 1)
    assert (ready.state, ready.behind, ready.cases) == ("ready", 0, 2)
    assert library.search(Query("orchard")).total == 2
    library.close()


def all_ids(library: Library, text: str) -> tuple[str, ...]:
    return library._engine.ids(Query(text))


def _remove(engine: ClusterEngine) -> None:
    engine._door.remove(f"{engine._cases}-*", f"{engine._words}-*")
    engine.close()


def _cut_off(*_indexes: str) -> None:
    raise ZeroDivisionError
