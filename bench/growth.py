"""What a larger collection costs: times, sizes, memory, with SQLite's FTS5 beside it.

Usage: python bench/growth.py [CASES]      (default 2000)

The cases are made from those of corpus/ by shuffling sentences within a language, so their length
is real and their vocabulary smaller than that of as many real cases. The peer gets the same texts
and questions, without stems, concepts, facets or passages: the ratio says what those cost.
"""

import random
import re
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from kb.formats import md
from kb.library import Library, open_library
from kb.model import Case
from kb.query import Query
from kb.settings import Settings

QUESTIONS = (
    "homeless", "Obdachlose", "bezdomovectví", "housing first", "empleo verde", "jeunes chômeurs",
    "energy poverty renovation advice", "asukkaat kaupunki", "co-operatives for unemployed people",
    "κοινότητα ενέργειας", "country:FI", "particip*", '"social economy"', "бездомни OR младежи",
    "what works against loneliness in old age", "budżet obywatelski -remont",
)  # fmt: skip
ROUNDS = 5


def main(number: int) -> None:
    """Make ``number`` cases, measure, print."""
    made = generated(number)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for case in made:
            (root / f"{case.id}.md").write_bytes(md.write(case))
        library = open_library(Settings(data=root / "data"))
        timed("reading and storing", lambda: library.ingest(sorted(root.glob("*.md"))))
        built = timed("tagging and indexing", library.sync)
        timed("indexing alone (rebuild)", library.rebuild)
        timed("one changed case until it is found", lambda: change_one(library, root, made[0]))
        print(f"memory, peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        for name in ("citypraxis.sqlite", "originals", "index"):
            print(f"size of {name}: {size(root / 'data' / name) / 1e6:.1f} MB")
        ours = answering(lambda text: library.search(Query(text)))
        library.close()
        peer = sqlite3.connect(root / "peer.sqlite")
        peer_built = timed("peer: indexing", lambda: fill(peer, made))
        theirs = answering(lambda text: ask(peer, text))
        peer.close()
        print(f"size of peer: {size(root / 'peer.sqlite') / 1e6:.1f} MB")
    for name, ms in (("ours", ours), ("peer", theirs)):
        print(f"answering, {name}: median {ms[0]:.1f} ms, 95th percentile {ms[1]:.1f} ms")
    print(
        f"ratio to the peer: building {built / peer_built:.0f}x, "
        f"median answer {ours[0] / theirs[0]:.0f}x"
    )


def generated(number: int) -> list[Case]:
    """Return cases whose sentences are drawn from the corpus, language by language."""
    chance = random.Random(1)  # noqa: S311 - the same cases in every run, nothing secret
    corpus = [
        md.read(p.read_bytes(), p.name, _no_guess) for p in sorted(Path("corpus").glob("*/*.md"))
    ]
    sentences: dict[str, list[str]] = defaultdict(list)
    for case in corpus:
        sentences[case.original_language] += re.split(r"(?<=[.!?])\s+", case.body)
    cases = []
    for n in range(number):
        model = corpus[n % len(corpus)]
        drawn = chance.choices(sentences[model.original_language], k=24)
        changes = {
            "id": f"{model.id[:80]}-{n}",
            "title": f"{model.title[:130]} {n}",
            "body": "\n\n".join(drawn),
        }
        cases.append(model.model_copy(update=changes))
    return cases


def change_one(library: Library, root: Path, case: Case) -> None:
    """Change a case and wait until its new word is found."""
    changed = case.model_copy(update={"body": case.body + "\n\nQuetzalcoatlus."})
    (root / f"{case.id}.md").write_bytes(md.write(changed))
    library.ingest([root / f"{case.id}.md"])
    library.sync()
    if library.search(Query("Quetzalcoatlus")).total != 1:
        sys.exit("the changed case is not found")


def fill(peer: sqlite3.Connection, cases: list[Case]) -> None:
    """Index the same texts with FTS5."""
    peer.execute(
        "CREATE VIRTUAL TABLE t USING fts5(title, text, tokenize='unicode61 remove_diacritics 2')"
    )
    peer.executemany(
        "INSERT INTO t VALUES (?, ?)",
        ((f"{c.title} {c.title_en}", f"{c.summary} {c.summary_en} {c.body}") for c in cases),
    )
    peer.commit()


def ask(peer: sqlite3.Connection, text: str) -> None:
    """Ask FTS5 for the words of a question, any of them."""
    words = " OR ".join(f'"{word}"' for word in re.findall(r"\w{2,}", text))
    peer.execute(
        "SELECT rowid FROM t WHERE t MATCH ? ORDER BY bm25(t) LIMIT 20", [words]
    ).fetchall()


def answering(search: Callable[[str], object]) -> tuple[float, float]:
    """Return median and 95th percentile in milliseconds over all questions."""
    search(QUESTIONS[0])
    times = []
    for _ in range(ROUNDS):
        for text in QUESTIONS:
            began = time.perf_counter()
            search(text)
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def timed(step: str, run: Callable[[], object]) -> float:
    """Run, print and return the seconds it took."""
    began = time.perf_counter()
    run()
    seconds = time.perf_counter() - began
    print(f"{step}: {seconds:.1f} s", flush=True)
    return seconds


def size(path: Path) -> int:
    """Return the bytes of a file or of all files under a folder."""
    return (
        path.stat().st_size
        if path.is_file()
        else sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    )


def _no_guess(_text: str) -> tuple[str, str, str]:
    return ("", "", "")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
