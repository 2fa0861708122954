import pytest

from kb.query import MAX_DEPTH, Query, Result


@pytest.mark.parametrize(
    ("total", "size", "pages"),
    [(0, 20, 1), (20, 20, 1), (21, 20, 2), (5000, 20, 50), (5000, 30, 33)],
)
def test_pages_are_those_that_can_be_asked_for(total: int, size: int, pages: int) -> None:
    result = Result(Query(size=size), total, ())

    assert result.pages == pages
    assert Query(page=result.pages, size=size).page == result.pages
    assert result.pages * size <= max(MAX_DEPTH, size)


def test_query_puts_itself_in_order() -> None:
    query = Query("  two   words ", {"theme": ("06", "06"), "country": ()}, page=0, size=1000)

    assert query == Query("two words", {"theme": ("06",)}, page=1, size=100)
