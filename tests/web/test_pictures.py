"""A whole result in pictures: each has its table, each number leads to its cases."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

import web
from tests.web.browsing import needs_chromium, served

STATIC = Path(web.__file__).parent / "static"


def section(page, name):
    return page.one("section", **{"aria-labelledby": name})


def total(read, client, address) -> int:
    """The number of cases that a result page says it has."""
    return int(read(client.get(address)).one("h2", id="results").text.split()[0])


def numbers(part) -> list[tuple[str, int]]:
    """Links and the numbers beside them: in a list of cities, or of a country."""
    items = [(item.one("a").get("href"), item) for item in part.all("li") if item.all("a")]
    return [(href, int(item.one("span").text)) for href, item in items]


def test_the_result_page_leads_to_its_pictures(client, read):
    page = read(client.get("/search?q=homeless&country=IE&country=FI&sort=city&page=1&size=1"))

    address = page.link("As map, time line and table")

    assert parse_qs(urlsplit(address).query) == {"q": ["homeless"], "country": ["IE", "FI"]}
    assert client.get(address).status_code == 200


def test_pages_limit_nothing(client, read):
    page = read(client.get("/pictures?size=1&page=3"))

    assert "7 cases." in page.one("main").text
    assert sum(count for _, count in numbers(section(page, "where"))) == 7


def test_every_number_of_every_table_is_what_its_link_finds(client, read):
    page = read(client.get("/pictures"))
    told = numbers(section(page, "where"))
    for row in section(page, "where").all("tr")[1:] + section(page, "when").all("tr")[1:]:
        told.append((row.one("th").one("a").get("href"), int(row.all("td")[0].text)))
    told += [(cell.get("href"), int(cell.text)) for cell in section(page, "what").all("a")]

    assert len(told) > 30
    assert {href: total(read, client, href) for href, _ in told} == dict(told)


def test_a_narrowed_result_stays_narrowed_in_every_link(client, read):
    page = read(client.get("/pictures?q=homeless&theme=06.1&country=IE&country=PL&lang=fr"))

    links = [a.get("href") for a in page.one("main").all("a") if "/search?" in a.get("href")]
    asked = [parse_qs(urlsplit(href).query) for href in links]
    assert asked
    assert all(each["q"] == ["homeless"] and each["theme"] == ["06.1"] for each in asked)
    assert all(each["lang"] == ["fr"] for each in asked)
    assert {len(each["country"]) for each in asked[1:]} <= {1, 2}


def test_every_circle_has_a_name_and_leads_where_its_row_does(client, read):
    part = section(read(client.get("/pictures")), "where")
    drawing = part.one("svg")

    circles = {a.get("href"): a.one("title").text for a in drawing.all("a")}

    rows = dict(numbers(part))
    assert circles.keys() <= rows.keys()
    for href, name in circles.items():
        assert name.endswith((": 1 case", f": {rows[href]} cases"))
    assert len(drawing.all("circle")) == len(circles) > 5


def test_the_matrix_names_its_rows_and_columns(client, read):
    table = section(read(client.get("/pictures")), "what").one("table")

    columns, rows = table.all("th", scope="col"), table.all("th", scope="row")

    assert [each.text for each in columns[:2]] == ["Theme", "Cases"]
    assert {"Ireland", "Finland", "Poland"} <= {each.text for each in columns}
    assert "Homelessness" in {each.text for each in rows}
    assert all(len(row.all("th", "td")) == len(columns) for row in table.all("tr"))


def test_nothing_found_is_said_with_a_way_back(client, read):
    page = read(client.get("/pictures?q=xyzzyq&country=XX"))

    assert not page.all("svg", "table")
    assert "nothing to draw" in page.one("main").text
    assert page.link("Change the question") == "/search?q=xyzzyq&country=XX"


@pytest.mark.parametrize(
    "asked",
    ["q=%00", "q=%ED%A0%80", "page=99999999999999999999", "theme=", "theme=%00&theme=06&theme=06",
     "city=&city=%22%3E", "country=XX", "lang=xx", "sort=x", "period=unknown", "q=a&q=b",
     "city=" + "x" * 3_000, "q=" + "housing+" * 900],
)  # fmt: skip
def test_whatever_is_typed_is_forgiven(client, asked):
    assert client.get(f"/pictures?{asked}").status_code == 200


def test_an_address_too_long_to_be_repeated_is_not(client, read):
    long = "&".join(f"city={'x' * 90}{n}" for n in range(60)) + "&city=Dublin"

    response = client.get(f"/pictures?{long}")

    page = read(response)
    assert "Dublin 1" in section(page, "where").text
    assert not page.one("table", class_="matrix").all("a")
    assert len(response.data) < 40_000


def test_the_page_waits_while_there_is_no_index(client_without_index):
    assert client_without_index.get("/pictures").status_code == 503


def test_the_map_is_small_and_of_ours(client, read):
    page = read(client.get("/pictures"))

    assert (STATIC / "europe.svg").stat().st_size <= 30_000
    assert [i.get("href").partition("?")[0] for i in page.all("image")] == ["/static/europe.svg"]
    sheets = [each.get("href") for each in page.all("link", rel="stylesheet")]
    assert all(sheet.startswith("/static/") for sheet in sheets)
    assert not [each for each in page.all() if "style" in each.attributes]


@pytest.fixture(scope="module")
def address(site):
    with served(site) as at:
        yield at


@pytest.fixture
def page(chromium, address):
    context = chromium.new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/pictures")
    yield page
    context.close()


@needs_chromium
def test_only_the_tables_scroll_on_a_phone(page):
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.evaluate("document.querySelector('.matrix').parentElement.scrollWidth") > 288


@needs_chromium
def test_a_circle_is_reached_by_keyboard_and_leads_to_its_city(page):
    link = page.locator("svg.map a", has_text="Dublin")

    expect(link).to_have_accessible_name("Dublin: 1 case")
    link.focus()
    page.keyboard.press("Enter")

    page.wait_for_url("**/search?city=Dublin")


@needs_chromium
def test_the_land_is_drawn_behind_the_circles(page):
    loaded = page.evaluate(
        """async () => {
            const image = new Image()
            image.src = document.querySelector('svg.map image').href.baseVal
            await image.decode()
            return image.naturalWidth
        }"""
    )

    assert loaded > 0


@needs_chromium
def test_the_map_can_be_skipped(page):
    page.get_by_role("link", name="Skip the map").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    focused = page.evaluate("document.activeElement.closest('table') !== null")

    assert focused
