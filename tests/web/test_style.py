"""The style sheet keeps its promises: small, alone, and readable in light and dark."""

import re
from pathlib import Path

import pytest

import web

STATIC = Path(web.__file__).parent / "static"
TEMPLATES = STATIC.with_name("templates")
CSS = (STATIC / "app.css").read_text(encoding="utf-8")
TOKENS = CSS.split("/* Elements */")[0].split("@media (prefers-color-scheme: dark)")
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#\w{6});", part)) for part in TOKENS)

TEXT_PAIRS = [
    ("ink", "paper"), ("ink", "card"), ("ink", "wash"), ("ink", "mark"), ("ink", "accent-wash"),
    ("soft", "paper"), ("soft", "card"), ("soft", "wash"), ("soft", "accent-wash"),
    ("link", "paper"), ("link", "card"), ("link", "wash"), ("link", "accent-wash"),
    ("paper", "link"), ("paper", "ink"), ("accent", "card"),
    ("on-band", "band"), ("on-band-soft", "band"),
]  # fmt: skip
EDGE_PAIRS = [("edge", "paper"), ("edge", "card"), ("accent", "paper"), ("accent", "card"),
              ("on-band", "band"), ("on-band-soft", "band")]  # fmt: skip


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(theme, text, ground):
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGE_PAIRS)
def test_edges_and_focus_rings_can_be_seen(theme, edge, ground):
    assert contrast(theme[edge], theme[ground]) >= 3


def test_dark_has_every_colour_of_light():
    assert set(DARK) == set(LIGHT)


def test_the_sheet_stays_small():
    assert len(CSS.encode()) <= 25_000


def test_the_sheet_loads_nothing():
    assert not re.search(r"url\(|@import", CSS)


def test_colours_are_named_at_the_top():
    below = CSS.split("/* Elements */")[1].split("@media print")[0]

    assert re.findall(r"#[0-9a-f]{3,8}\b", below) == []


def test_the_sheet_uses_logical_properties():
    assert not re.findall(
        r"(?:margin|padding|border)-(?:left|right|top|bottom)|[^-](?:width|height):(?!.*\))", CSS
    )


BESIDE = sorted({path.name for path in STATIC.glob("*.css")} - {"app.css"})
"""Sheets that only some pages load, one of them, beside the one that all load."""


@pytest.mark.parametrize("name", BESIDE)
def test_two_sheets_are_small(name):
    assert len((STATIC / "app.css").read_bytes() + (STATIC / name).read_bytes()) <= 25_000


@pytest.mark.parametrize("name", BESIDE)
def test_another_sheet_takes_its_colours_from_the_first_and_uses_logical_properties(name):
    sheet = (STATIC / name).read_text(encoding="utf-8")

    assert not re.search(r"#[0-9a-f]{3,8}\b|\brgb|\bhsl|url\(|@import", sheet)
    assert not re.findall(r"(?:margin|padding|border)-(?:left|right|top|bottom)", sheet)


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: "/".join(path.parts[-2:])
)
def test_a_page_loads_one_sheet_beside_the_first(path):
    loaded = re.findall(r"filename='(\w+\.css)'|(_writing\.html)", path.read_text(encoding="utf-8"))

    assert len(set(loaded)) <= 1 or path.name == "base.html"
