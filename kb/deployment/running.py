"""Whether what runs beside the pages does: worker, index, checks, backups."""

from kb.deployment.row import Row, State, row
from kb.health import Health
from kb.heartbeat import Name

_HOUR_S = 3600
_BACKUP_S = 36 * _HOUR_S
"""A day, and a night in which one failed."""
_CHECK_S = 8 * 24 * _HOUR_S


def worker(health: Health) -> Row:
    """Tell whether files are read and cases indexed."""
    return row(
        "worker",
        health.worker,
        fine=health.worker == "running",
        remedy="start it: indexer.py work, or citypraxis-worker.service",
    )


def index(health: Health) -> Row:
    """Tell whether everything is found."""
    found = health.status.index
    return row(
        "index",
        f"{found.state}, {found.behind} cases behind",
        fine=found.state == "ready",
        remedy="let the worker run; indexer.py sync does the same at once",
        otherwise="missing" if found.state == "missing" else "warn",
    )


def meaning(health: Health) -> Row:
    """Tell whether cases are found by their meaning."""
    found = health.status.meaning
    return row(
        "meaning",
        found.reason or f"{found.state}, {found.done} of {found.of} vectors",
        fine=found.state == "ready",
        remedy="install requirements-semantic.lock, or name a model in KB_ENCODER",
        otherwise="warn",
    )


def backup(health: Health) -> Row:
    """Tell whether there is a backup of today."""
    return _recent(health, "backup", _BACKUP_S, "missing", "see citypraxis-backup.timer")


def check(health: Health) -> Row:
    """Tell whether all that is kept was looked at lately, and was well."""
    return _recent(health, "check", _CHECK_S, "warn", "see citypraxis-check.timer")


CHECKS = (worker, index, meaning, backup, check)


def _recent(health: Health, name: Name, most_s: int, otherwise: State, remedy: str) -> Row:
    beat = health.beats[name]
    if beat is None:
        return Row(name, otherwise, "never", remedy)
    hours = round((health.at - beat.at) / _HOUR_S)
    told = f"{hours} hours ago{'' if beat.fine else ', and it failed'} {beat.told}".rstrip()
    fine = beat.fine and health.at - beat.at <= most_s
    return row(
        name, told, fine=fine, remedy=remedy, otherwise=otherwise if beat.fine else "missing"
    )
