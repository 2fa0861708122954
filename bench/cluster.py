"""Where the embedded engine ends: generated cases in a cluster of three nodes, and beside it.

Usage: python bench/cluster.py [CASES]      (default 5000; needs a JDK and Maven)

The cluster gets all cases; the embedded engine as many of them as it is meant for, 2,000 and
20,000. The cases go straight into the engines, without files, database and tagging. Their texts are
those of 5,000 generated ones (`bench/corpus.py`); the themes are the authors'. This process reads
the texts; what their words may be is looked up once for all cases, in several processes.

Nodes and this process share one machine, so the cluster has not what it would have on three.
"""

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import corpus, kept
from bench.asking import Drawing
from bench.figures import size
from kb.lookahead import look_up, words_by_language
from kb.model import Case
from kb.nlp.pipeline import StopWords
from kb.query import Query
from kb.search.cluster.door import Cluster
from kb.search.cluster.engine import ClusterEngine
from kb.search.embedded.engine import EmbeddedEngine
from kb.search.engine import Checkpoint, SearchEngine
from kb.search.fields import Document, document
from tests.nodes import running

_EMBEDDED = (2_000, 20_000)
_ROUNDS = 3
_AT = Checkpoint("bench", "bench", 1)


def main(number: int) -> None:
    """Measure, and print a table in Markdown."""
    models = list(corpus.generated(min(number, 5_000)))
    questions = [each.query for each in Drawing([kept.row(m) for m in models]).questions()]
    texts = [text for m in models for text in _texts(m)]
    timed("looking up the words", lambda: look_up(words_by_language(texts)))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for fewer in [n for n in _EMBEDDED if n <= number]:
            embedded = EmbeddedEngine(root / str(fewer), StopWords())
            rows.append(measured("embedded", embedded, models, fewer, questions))
            print(f"size on disk: {size(root / str(fewer)) / 1e6:.0f} MB")
            embedded.close()
        with running(root / "nodes") as nodes:
            engine = ClusterEngine(Cluster(nodes.addresses), root / "names", StopWords())
            rows.append(measured("three nodes", engine, models, number, questions))
            print(f"memory of the nodes: {nodes.memory() / 1e6:.0f} MB")
            print(f"size on disk, both copies: {size(nodes.folder) / 1e6:.0f} MB")
            engine.close()
    print(f"memory of this process, peak: {_peak_mb():.0f} MB")
    print("| engine | cases | built a second | one changed s | median ms | p95 ms |")
    print("|---|---|---|---|---|---|")
    print("\n".join(rows))


def measured(
    name: str, engine: SearchEngine, models: list[Case], number: int, questions: list[Query]
) -> str:
    """Build, ask and change one case; return a row of the table."""
    built = timed(
        f"{name}: building {number}",
        lambda: engine.rebuild(documents(models, number), _AT),
    )
    if engine.size() != number:
        sys.exit(f"{engine.size()} cases of {number} are in the index")
    median, high = asked(engine, questions)
    one = next(documents(models, 1))
    changed = timed(f"{name}: one changed case", lambda: engine.apply([one], [], _AT))
    figures = (f"{number:,}", f"{number / built:.0f}", f"{changed:.2f}")
    return f"| {' | '.join((name, *figures, f'{median:.1f}', f'{high:.1f}'))} |"


def documents(models: list[Case], number: int) -> Iterator[Document]:
    """Yield so many cases, each in place and year a little different from its model."""
    for n in range(number):
        model = models[n % len(models)]
        changes = {"id": f"{model.id[:80]}-{n}", "start": str(1995 + n % 30)}
        yield document(model.model_copy(update=changes), (), None)


def asked(engine: SearchEngine, questions: list[Query]) -> tuple[float, float]:
    """Return median and 95th percentile in milliseconds of questions with all facets."""
    times = []
    for number in range(_ROUNDS + 1):
        for query in questions:
            began = time.perf_counter()
            engine.search(query)
            if number:  # the first round warms
                times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def timed(step: str, run: Callable[[], object]) -> float:
    """Run, print and return the seconds it took."""
    began = time.perf_counter()
    run()
    seconds = time.perf_counter() - began
    print(f"{step}: {seconds:.1f} s", flush=True)
    return seconds


def _texts(case: Case) -> list[tuple[str, str]]:
    told = document(case, (), None)
    return [*told.headings, *told.texts]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
