"""Which engine stands behind the protocol: the only place that knows."""

from pathlib import Path

from kb.search.engine import FindNearest, SearchEngine, StopWords, nothing_near


def open_engine(
    folder: Path, stop_words: StopWords, find_nearest: FindNearest = nothing_near
) -> SearchEngine:
    """Return the engine whose index lies in ``folder``.

    Args:
        folder: created when the first index is built.
        stop_words: called when an index is built.
        find_nearest: the leg of meaning, asked with the plain words of a question.
    """
    from kb.search.embedded import EmbeddedEngine

    return EmbeddedEngine(folder, stop_words, find_nearest)
