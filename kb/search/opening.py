"""Which engine stands behind the protocol: the only place that knows."""

from kb.errors import SettingError
from kb.search.engine import FindNearest, SearchEngine, StopWords, nothing_near
from kb.settings import Settings


def open_engine(
    settings: Settings, stop_words: StopWords, find_nearest: FindNearest = nothing_near
) -> SearchEngine:
    """Return the engine that the settings ask for.

    Args:
        settings: where the index lies: in the folder of the data, or in a cluster.
        stop_words: asked when cases are indexed.
        find_nearest: the leg of meaning, asked with the plain words of a question.

    Raises:
        SettingError: the file with the password for the cluster cannot be read.
        MissingExtraError: the client of the cluster is not installed.
    """
    if settings.opensearch:
        from kb.search.cluster.door import Cluster
        from kb.search.cluster.engine import ClusterEngine

        cluster = Cluster(
            settings.opensearch,
            settings.opensearch_user,
            _password(settings),
            settings.opensearch_ca_file,
            settings.opensearch_index,
        )
        return ClusterEngine(cluster, settings.data / "cluster", stop_words, find_nearest)
    from kb.search.embedded.engine import EmbeddedEngine

    return EmbeddedEngine(settings.data / "index", stop_words, find_nearest)


def _password(settings: Settings) -> str:
    if settings.opensearch_password_file is None:
        return ""
    try:
        return settings.opensearch_password_file.read_text(encoding="utf-8").strip()
    except OSError as err:
        raise SettingError(
            f"KB_OPENSEARCH_PASSWORD_FILE cannot be read: {err.strerror}; give a file that holds "
            "the password"
        ) from err
