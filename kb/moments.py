"""Moments as everyone outside reads them: in UTC, to the second, as ISO 8601 writes them."""

from datetime import UTC, datetime

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def utc(moment: datetime | int) -> str:
    """Write a moment, or a Unix time: ``2026-11-23T05:01:00Z``."""
    at = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int) else moment
    return at.astimezone(UTC).strftime(FORMAT)
