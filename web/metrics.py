"""Numbers for Prometheus, for who holds the token that the operator has put into a file."""

import hmac
from collections.abc import Iterator

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from kb import secret
from kb.health import Health
from web import context
from web.tallies import tallies

pages = Blueprint("metrics", __name__)


@pages.get("/metrics")
def metrics() -> Response:
    """Return what was counted, and how the site is at this moment."""
    _check()
    at_present = CollectorRegistry()
    at_present.register(_Present(context.library().health()))
    told = tallies().text() + generate_latest(at_present)
    response = Response(told, content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _check() -> None:
    file = context.settings().metrics_token_file
    if file is None:
        abort(404)
    sent = request.authorization
    told = sent.token if sent is not None and sent.type == "bearer" else None
    if not hmac.compare_digest((told or "").encode(), secret.read(file).encode()):
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": "metrics"}))


class _Present(Collector):
    """What is looked up when somebody asks, whichever process answers."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """Yield each number."""
        status, index = self._health.status, self._health.status.index
        meaning = status.meaning
        yield _gauge("cases", "Cases that are public.", status.cases)
        yield _gauge("index_cases", "Cases in the search index.", index.cases)
        yield _gauge("index_behind", "Cases whose last change is not indexed.", index.behind)
        yield _gauge("index_missing", "1 without an index.", index.state == "missing")
        yield _gauge("vectors_missing", "Vectors to be computed.", meaning.of - meaning.done)
        yield _gauge("meaning_off", "1 without search by meaning.", meaning.state == "off")
        yield _gauge("disk_bytes", "Size of the disk of the data.", self._health.disk_bytes)
        yield _gauge("disk_free_bytes", "What is free of it.", self._health.disk_free_bytes)
        yield self._uploads()
        yield self._beats()
        yield _gauge("worker_running", "1 while it runs.", self._health.worker == "running")
        worker = self._health.beats["worker"]
        peak = worker.memory_bytes if worker else 0
        yield _gauge("worker_memory_peak_bytes", "The most the worker has used.", peak)

    def _uploads(self) -> Metric:
        family = _family("uploads", "Files that were sent in, by state.", ("state",))
        for state, count in self._health.uploads.items():
            family.add_metric([state], count)
        return family

    def _beats(self) -> Metric:
        family = _family("last_seconds", "Unix time of the last sign of each task.", ("task",))
        fine = [(name, beat) for name, beat in self._health.beats.items() if beat and beat.fine]
        for name, beat in fine:
            family.add_metric([name], beat.at)
        return family


def _gauge(name: str, said: str, value: float) -> Metric:
    family = _family(name, said)
    family.add_metric((), value)
    return family


def _family(name: str, said: str, labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"citypraxis_{name}", said, labels=labels)
