import pytest

from kb.edtf import is_edtf, year


@pytest.mark.parametrize(
    "text",
    ["2019", "0999", "2019-04", "2019-12", "2019-04-30", "2020-02-29", "2019~", "2019?", "2019%",
     "2019-04~", "2019-04-30?", "201X", "2019/2021", "2019-04/2021-05-31", "2019~/2021?", "2019/..",
     "2019-04/..", "2019/", "201X/2024", "unknown"],
)  # fmt: skip
def test_is_edtf_accepts(text: str) -> None:
    assert is_edtf(text)


@pytest.mark.parametrize(
    "text",
    ["", "19", "20190", "2019-4", "2019-13", "2019-00", "2019-02-30", "2019-02-29", "2019-04-31",
     "2019-04-00", "0000-01-01", "2019-4-1", "30.04.2019", "04/2019", "2019-2021", "about 2019",
     "~2019", "2019~~", "20XX", "2019X", "/2019", "../2019", "2019/2020/2021", "2019/13", "2019 ",
     "2019\n", "Unknown", "spring 2019", "2019-21", "-2019", "٢٠١٩", "２０１９"],
)  # fmt: skip
def test_is_edtf_refuses(text: str) -> None:
    assert not is_edtf(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [("2019", 2019), ("2019-04-30", 2019), ("2019~", 2019), ("2019/2021", 2019), ("0999", 999),
     ("201X", None), ("unknown", None), ("", None)],
)  # fmt: skip
def test_year_is_that_of_the_beginning(text: str, first: int | None) -> None:
    assert year(text) == first
