"""The only door to OpenSearch: every call goes to the addresses that the operator has set.

What the cluster answers becomes an error of our own here: not to be reached, or too busy.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import IndexBusyError, IndexUnavailableError, MissingExtraError

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

Body = dict[str, Any]
"""A request or an answer in JSON."""

_ANSWER_S = 10
_WRITE_S = 120
_BUSY = 429
_NOT_FOUND = 404
_WORST_FINE = 299
_ATTEMPTS = 6
# Every copy of a shard counts its deleted cases too, and so scores a little differently: pages of
# one question come from the same copies. A part of an answer would be a wrong one.
_EXACT = {"allow_partial_search_results": "false"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a cluster is, and as whom it is asked."""

    addresses: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None
    """Certificates that are trusted; those of the system where there is none."""
    prefix: str = "citypraxis"
    """How the names of all its indexes begin."""


class Door:
    """The calls that the engine makes."""

    def __init__(self, cluster: Cluster) -> None:
        """Prepare calls; connects to nothing yet.

        Raises:
            MissingExtraError: the client is not installed.
        """
        self._cluster = cluster
        self._client = _client(cluster)

    def ask(self, index: str, body: Body, preference: str = "", *, exact: bool = False) -> Body:
        """Search; ``exact`` counts over all shards how rare a word is."""
        kind = {"search_type": "dfs_query_then_fetch"} if exact else {}
        same = {"preference": preference} if preference else {}
        return self._call("POST", f"/{index}/_search", body, {**_EXACT, **kind, **same})

    def ask_all(self, asked: Sequence[tuple[str, Body]], preference: str) -> list[Body]:
        """Search several times at once, counting over all shards how rare a word is."""
        head = {"allow_partial_search_results": False, "preference": preference}
        lines = (line for index, body in asked for line in ({"index": index, **head}, body))
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        params = {"search_type": "dfs_query_then_fetch"}
        answers: list[Body] = self._call("POST", "/_msearch", text, params)["responses"]
        for answer in answers:
            if "error" in answer:
                raise _error(answer.get("status"), json.dumps(answer["error"])[:500])
        return answers

    def pages(self, index: str, body: Body) -> Iterator[list[Body]]:
        """Yield all hits of a sorted search, some thousands at a time, as they stand at one point.

        The last key of the order must tell every two hits apart.
        """
        opened = self._call("POST", f"/{index}/_search/point_in_time", None, {"keep_alive": "2m"})
        body = {**body, "pit": {"id": opened["pit_id"], "keep_alive": "2m"}}
        kind = {**_EXACT, "search_type": "dfs_query_then_fetch"}
        try:
            while hits := self._call("POST", "/_search", body, kind)["hits"]["hits"]:
                yield hits
                if len(hits) < body["size"]:
                    return
                body = {**body, "search_after": hits[-1]["sort"]}
        finally:
            self._call("DELETE", "/_search/point_in_time", {"pit_id": [opened["pit_id"]]})

    def get(self, index: str, wanted: str) -> Body | None:
        """Return what is stored of a document, or None."""
        found = self._call("POST", f"/{index}/_mget", {"ids": [wanted]})["docs"][0]
        return found["_source"] if found.get("found") else None

    def present(self, index: str, ids: Sequence[str]) -> set[str]:
        """Return those of the ids that the index holds."""
        told = self._call("POST", f"/{index}/_mget", {"ids": list(ids)}, {"_source": "false"})
        return {each["_id"] for each in told["docs"] if each.get("found")}

    def send(self, lines: bytes) -> None:
        """Write a bulk; what a busy node has refused is sent again, the rest is written once."""
        for attempt in range(_ATTEMPTS):
            told = self._call("POST", "/_bulk", lines, {}, _WRITE_S)
            if not told["errors"]:
                return
            bad = [result for item in told["items"] for result in item.values() if _failed(result)]
            if not bad:
                return
            worst = next((each for each in bad if each["status"] != _BUSY), None)
            if worst is not None:
                raise _error(worst["status"], json.dumps(worst["error"])[:500])
            time.sleep(0.2 * 2**attempt)
        raise IndexBusyError("the cluster has refused to write six times; try again later")

    def create(self, index: str, body: Body) -> None:
        """Create an index."""
        self._call("PUT", f"/{index}", body, {}, _WRITE_S)

    def remove(self, *indexes: str) -> None:
        """Delete indexes, whether they are there or not."""
        if indexes:
            names = ",".join(indexes)
            self._call("DELETE", f"/{names}", None, {"ignore_unavailable": "true"}, _WRITE_S)

    def refresh(self, *indexes: str) -> None:
        """Make all that is written to be found."""
        self._call("POST", f"/{','.join(indexes)}/_refresh", None, {}, _WRITE_S)

    def point(self, aliases: Mapping[str, str]) -> None:
        """Let each alias mean an index, and no other one, all at once."""
        actions: list[Body] = [
            {"remove": {"index": index, "alias": alias}}
            for alias in aliases
            for index, meant_by in self.behind(f"{alias}-*").items()
            if alias in meant_by
        ]
        actions += [{"add": {"index": index, "alias": each}} for each, index in aliases.items()]
        self._call("POST", "/_aliases", {"actions": actions}, {}, _WRITE_S)

    def behind(self, pattern: str) -> dict[str, set[str]]:
        """Return the indexes so called, with the aliases that mean them."""
        told = self._call("GET", f"/{pattern}/_alias")
        return {index: set(row["aliases"]) for index, row in told.items()}

    def note(self, index: str, meta: Body) -> None:
        """Write into an index what it says of itself."""
        self._call("PUT", f"/{index}/_mapping", {"_meta": meta}, {}, _WRITE_S)

    def noted(self, index: str) -> tuple[str, Body] | None:
        """Return an index by its name or alias, with what it says of itself; None without one."""
        told = self._call("GET", f"/{index}/_mapping", missing={})
        found = ((name, row["mappings"].get("_meta", {})) for name, row in told.items())
        return next(found, None)

    def count(self, index: str) -> int:
        """Return the number of documents."""
        return int(self._call("GET", f"/{index}/_count")["count"])

    def health(self, *indexes: str, wait: str = "", wait_s: int = 0) -> str:
        """Return ``green``, ``yellow`` (a copy is missing) or ``red`` (data are missing)."""
        params = {"wait_for_status": wait, "timeout": f"{wait_s}s"} if wait else {}
        told = self._call("GET", f"/_cluster/health/{','.join(indexes)}", None, params, _WRITE_S)
        return str(told["status"])

    def close(self) -> None:
        """Close the connections; another call opens them again."""
        self._client.close()
        self._client = _client(self._cluster)  # a closed one stays closed

    def _call(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        path: str,
        body: Any = None,  # JSON, or lines of it
        params: Mapping[str, str] | None = None,
        limit_s: int = _ANSWER_S,
        *,
        missing: Body | None = None,
    ) -> Body:
        """Make a call; ``missing`` is returned where there is nothing of the name."""
        with _own_errors(tolerant=missing is not None):
            told: Body = self._client.transport.perform_request(
                method, path, body=body, params={**(params or {}), "request_timeout": limit_s}
            )
            return told
        return missing or {}


def _client(cluster: Cluster) -> "OpenSearch":
    try:
        from opensearchpy import OpenSearch
    except ImportError as err:
        raise MissingExtraError("KB_OPENSEARCH", "opensearch-py", "cluster") from err
    return OpenSearch(
        hosts=list(cluster.addresses),
        http_auth=(cluster.user, cluster.password) if cluster.user else None,
        ca_certs=str(cluster.ca) if cluster.ca else None,
        timeout=_ANSWER_S,
        # As many attempts as it takes to meet one that lives.
        max_retries=len(cluster.addresses) + 1,
        retry_on_timeout=True,
        maxsize=16,
        http_compress=True,
    )


@contextmanager
def _own_errors(*, tolerant: bool) -> Iterator[None]:
    from opensearchpy.exceptions import OpenSearchException, RequestError, TransportError

    try:
        yield
    except RequestError:
        raise  # we have asked wrongly: that is to be seen
    except TransportError as err:
        if not (tolerant and err.status_code == _NOT_FOUND):
            raise _error(err.status_code, str(err)) from err
    except OpenSearchException as err:
        raise _error(0, str(err)) from err


def _error(status: object, said: str) -> IndexBusyError | IndexUnavailableError:
    if status == _BUSY:
        return IndexBusyError(f"the cluster is too busy: {said}; try again later")
    if status == _NOT_FOUND:
        return IndexUnavailableError("the cluster has no index; run: indexer.py rebuild")
    return IndexUnavailableError(
        f"the cluster cannot answer: {said}; see whether its nodes run and can be reached"
    )


def _failed(result: Body) -> bool:
    return result["status"] > _WORST_FINE and "error" in result
