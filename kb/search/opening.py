"""Which engine stands behind the protocol: the only place that knows."""

from pathlib import Path

from kb.search.engine import SearchEngine, StopWords


def open_engine(folder: Path, stop_words: StopWords) -> SearchEngine:
    """Return the engine whose index lies in ``folder``.

    Args:
        folder: created when the first index is built.
        stop_words: called when an index is built.
    """
    from kb.search.embedded import EmbeddedEngine

    return EmbeddedEngine(folder, stop_words)
