"""The laws of fuzzing hold for their seeds; ``make fuzz`` tries them on what nobody thought of."""

import pytest

from tests.conftest import ROOT
from tests.fuzz.laws import LAWS

SEEDS = sorted((ROOT / "tests/fuzz/seeds").glob("*/*"))


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_law_holds_for_its_seed(seed):
    LAWS[seed.parent.name](seed.read_bytes())


def test_every_law_has_seeds_and_words():
    assert {seed.parent.name for seed in SEEDS} == set(LAWS)
    assert {path.stem for path in (ROOT / "tests/fuzz/words").glob("*.txt")} == set(LAWS)
