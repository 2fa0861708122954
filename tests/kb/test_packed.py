"""Our reading of the packed postings is held to Whoosh's own searcher over the same index."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import index, query
from whoosh.scoring import BM25F

from kb.search.embedded.snapshot import LEXICON, Snapshot
from kb.search.embedded.writing import create, writing
from kb.search.engine import Checkpoint
from kb.search.fields import Document
from kb.search.words.analysis import Analysis
from kb.search.words.learned import Learned
from kb.search.words.naming import names_in

WORDS = st.sampled_from(["a", "b", "c", "d", "e"])
TEXTS = st.lists(WORDS, max_size=40).map(" ".join)
COMMITS = st.lists(
    st.dictionaries(st.sampled_from([f"case-{n}" for n in range(9)]), TEXTS | st.none()),
    min_size=1,
    max_size=5,
)
"""Commits of cases and their texts; without one it is dropped."""

AT_1 = Checkpoint("database", "version", 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("packed")


def written(folder, commits):
    """Write an index commit by commit, each of which makes a segment and deletes in others."""
    made = folder / f"g-{len(list(folder.glob('g-*')))}"
    made.mkdir()
    create(made)
    Learned(made / LEXICON, names=names_in(folder, {}).name).close()
    for texts in commits:
        analysis = Analysis({})
        with writing(made) as writer:
            for case_id, text in texts.items():
                document = Document(
                    case_id, (), (("en", text or ""),), {}, {"language": ("en",)}, "", ""
                )
                if text is None:
                    writer.drop(case_id)
                else:
                    writer.put(document, analysis.read(document))
            writer.reach(AT_1)
    return made


def stock(searcher, name, term):
    """Return document -> (score, weight) as Whoosh's own matcher tells them."""
    if (name, term) not in searcher.reader():
        return {}
    matcher = query.Term(name, term).matcher(searcher)
    found = {}
    while matcher.is_active():
        found[matcher.id()] = (matcher.score(), matcher.weight())
        matcher.next()
    return found


@given(commits=COMMITS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_scores_weights_and_phrases_are_those_of_the_stock_searcher(folder, commits):
    made = written(folder, commits)
    snapshot = Snapshot.open(made)
    opened = index.open_dir(made)
    with opened.searcher(weighting=BM25F()) as searcher:
        for term in ("=a", "=b", "en:c", "en:d", "=nowhere"):
            theirs = stock(searcher, "terms", term)
            documents, scores = snapshot.scores(term)
            assert documents.tolist() == sorted(theirs)
            assert scores.tolist() == pytest.approx([theirs[n][0] for n in documents.tolist()])
            documents, weights = snapshot.weights("terms", term)
            assert weights.tolist() == [theirs[n][1] for n in documents.tolist()]
        for phrase in (["a", "b"], ["c", "c"], ["a", "b", "c"], ["a", "nowhere"]):
            theirs = set(query.Phrase("words", phrase).docs(searcher))
            assert set(snapshot.phrase(phrase).nonzero()[0].tolist()) == theirs
    opened.close()
    snapshot.close()


def test_small_segments_are_merged_before_they_are_many(folder):
    made = written(folder, [{f"case-{n}": "a b"} for n in range(40)])

    snapshot = Snapshot.open(made)

    assert snapshot.count == 40
    assert len(snapshot.segments) <= 14
    assert snapshot.phrase(["a", "b"]).sum() == 40
    snapshot.close()


def test_segments_that_are_mostly_deleted_are_written_anew(folder):
    made = written(
        folder, [{f"case-{n}": "a" for n in range(9)}, {f"case-{n}": None for n in range(6)}, {}]
    )

    snapshot = Snapshot.open(made)

    assert [name for name in snapshot.ids if name.startswith("case")] == [
        "case-6",
        "case-7",
        "case-8",
    ]
    snapshot.close()


def test_what_was_read_of_a_segment_serves_the_next_state(folder):
    made = written(folder, [{"one": "a", "two": "a", "three": "b"}, {"four": "c"}])
    before = Snapshot.open(made)
    with writing(made) as writer:
        writer.drop("one")

    after = Snapshot.open(made, before)

    assert set(map(id, before.segments.values())) == set(map(id, after.segments.values()))
    assert [after.ids[n] for n in after.scores("=a")[0]] == ["two"]
    before.close()
    after.close()
