"""Put faults into what must not fail, and tell which of them the tests let pass (``make mutants``).

Exits with 1 where less than 85 % of those of a part are found, not counting those of which
``same.toml`` says why nothing could find them.
"""

import argparse
import importlib
import os
import random
import resource
import sys
import time
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import trial
from tests.mutants.faults import Fault, faults

ENOUGH = 85
_SAME = Path(__file__).with_name("same.toml")
_LOG = "tests/kb/test_change_log.py"
_ELSEWHERE = "processes or threads or lock or old_sqlite or new_folder"


@dataclass(frozen=True, slots=True)
class Module:
    """Where faults are put, and which tests must find them."""

    part: str
    file: str
    tests: tuple[str, ...]
    places: tuple[str, ...] = ()
    """The functions of which it is the part; nothing for all."""
    without: str = ""
    """Tests left out, as -k of pytest has them: with other processes, shared files or a clock."""


MODULES = (
    Module("permissions", "kb/permissions.py", ("tests/kb/test_permissions.py",)),
    Module("gate", "kb/intake/gate.py", ("tests/kb/test_gate.py",),
           without="wild or asked_for_much_memory or at_once or no_time"),
    Module("change log", "kb/harvest.py", ("tests/kb/test_harvest.py",)),
    Module(
        "change log", "kb/store.py", (_LOG, "tests/kb/test_store.py"),
        ("Store.save", "Store.retire", "Store.take_down", "Store.changed_since",
         "Store.newest_change", "Store.judge"),
        _ELSEWHERE,
    ),
    Module(
        "change log", "kb/migrations.py",
        (_LOG, "tests/kb/test_migrations.py", "tests/kb/test_harvest.py"),
        ("m001_cases_and_revisions", "m007_datestamps"),
    ),
    Module("query parser", "kb/search/parse.py", ("tests/kb/test_parse.py",)),
)  # fmt: skip


@dataclass(slots=True)
class Score:
    """What came of the faults of a part."""

    tried: int = 0
    survived: int = 0
    same: int = 0

    @property
    def percent(self) -> float:
        """Of those that could be found at all."""
        findable = self.tried - self.same
        return 100 * (findable - self.survived) / findable if findable else 100.0


def main() -> int:
    """Return 1 if the tests of a part find too few."""
    asked = _asked()
    same = {row["name"] for row in tomllib.loads(_SAME.read_text())["same"]}
    made = {module: _faults(module) for module in MODULES if module.part in asked.parts}
    unknown = same - {fault.name for found in made.values() for fault in found}
    if unknown and len(made) == len(MODULES):
        sys.exit(f"same.toml names what is no fault any more: {sorted(unknown)}")
    begun, scores = time.monotonic(), {}
    for module, found in _sampled(made, asked.sample).items():
        score = scores.setdefault(module.part, Score())
        _try(module, found, same, score)
    _show(scores)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"in {time.monotonic() - begun:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of a processor"
    )
    judged = [_together(scores.values())] if asked.sample else scores.values()
    return int(any(score.percent < ENOUGH for score in judged))


def _show(scores: Mapping[str, Score]) -> None:
    print(f"\n{'part':<14}{'faults':>8}{'found':>8}{'survived':>10}{'the same':>10}{'%':>8}")
    for part, score in scores.items():
        found = score.tried - score.survived - score.same
        print(f"{part:<14}{score.tried:>8}{found:>8}{score.survived:>10}{score.same:>10}", end="")
        print(f"{score.percent:>8.1f}")


def _asked() -> argparse.Namespace:
    parts = list(dict.fromkeys(module.part for module in MODULES))
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="try so many, always the same ones")
    parser.add_argument("parts", nargs="*", default=parts, metavar="part", help=str(parts))
    return parser.parse_args()


def _faults(module: Module) -> list[Fault]:
    values = vars(importlib.import_module(trial.module_of(module.file)))
    source = Path(module.file).read_text(encoding="utf-8")
    return faults(module.file, source, values, module.places)


def _run_by(module: Module) -> tuple[str, ...]:
    return (*module.tests, "-k", f"not ({module.without})") if module.without else module.tests


def _sampled(made: dict[Module, list[Fault]], sample: int) -> dict[Module, list[Fault]]:
    if not sample:
        return made
    every = sorted(fault.name for found in made.values() for fault in found)
    chosen = set(random.Random(8).sample(every, min(sample, len(every))))  # noqa: S311 - no secret
    return {m: [fault for fault in found if fault.name in chosen] for m, found in made.items()}


def _try(module: Module, found: Sequence[Fault], same: set[str], score: Score) -> None:
    score.tried += len(found)
    score.same += sum(fault.name in same for fault in found)
    findable = [fault for fault in found if fault.name not in same]
    if findable:
        trial.load(trial.module_of(module.file), module.tests)
        for fault in trial.survivors(findable, _run_by(module), os.cpu_count() or 1):
            score.survived += 1
            print(f"survived: {fault.name}", flush=True)


def _together(scores: Collection[Score]) -> Score:
    return Score(
        sum(s.tried for s in scores), sum(s.survived for s in scores), sum(s.same for s in scores)
    )


if __name__ == "__main__":
    sys.exit(main())
