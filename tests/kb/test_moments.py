from datetime import UTC, datetime, timedelta, timezone

import pytest

from kb.moments import utc

MORNING = datetime(2026, 11, 23, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [MORNING, int(MORNING.timestamp()), MORNING.astimezone(timezone(timedelta(hours=2)))],
)
def test_a_moment_is_written_in_utc_whatever_it_comes_as(moment):
    assert utc(moment) == "2026-11-23T05:01:00Z"
