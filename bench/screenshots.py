"""Draws the pictures of the documentation anew: docs/images/*.png, from the corpus as it is.

Usage: python bench/screenshots.py [NAME ...]          (needs Chromium at /usr/bin/chromium)

Beside them, ``pages.json`` has a digest of what each page said then: `tests.web.test_screenshots`
compares it with what the page says now. Search by meaning is off: so it says the same anywhere.
"""

import json
import re
import sys
import tempfile
import threading
from hashlib import sha256
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from waitress.server import create_server

from kb.library import Library, open_library
from kb.settings import Settings
from web import create_app

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
IMAGES = Path(__file__).parents[1] / "docs" / "images"
PAGES = IMAGES / "pages.json"
TWO = "case=housing-first-dublin&case=helsinki-asunto-ensin"
# One line a picture: its name, the address, width and height of the window.
PICTURES = (
    ("home", "/", 1280, 1150),
    ("search", "/?q=homelessness", 1280, 860),
    ("polish", "/?q=bezdomni&lang=pl", 1280, 1100),
    ("theme", "/vocabulary/themes/06.1", 1280, 1100),
    ("case", "/cases/rapid-rehousing-brno", 1280, 1100),
    ("collection", "/collections/social-affairs-forum-2021", 1280, 1100),
    ("pictures", "/pictures?q=homelessness", 1280, 1100),
    ("fit", "/search?q=homelessness&town=658225&lacks=housing-stock&sort=fit", 1280, 860),
    ("compare", f"/compare?{TWO}", 1280, 1100),
    ("brief", f"/brief?{TWO}", 1280, 1100),
    ("adoptions", "/adoptions", 1280, 860),
    ("greek", "/?q=μακροχρόνια+άνεργοι&lang=el", 1280, 860),
    ("empty", "/?q=monorail", 1280, 700),
    ("phone", "/?q=sans-abri", 390, 844),
)
SENT_IN = Path("tests/drafts/21-ohjaamo-helsinki.docx")


def main() -> None:
    """Take in the corpus, serve it, and take each picture."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), encoder="off")
        library = open_library(settings)
        library.ingest([Path("corpus")])
        library.sync()
        site = create_app(library, settings)
        server = create_server(site, host="127.0.0.1", port=0)
        threading.Thread(target=server.run, daemon=True).start()
        photograph(f"http://127.0.0.1:{server.effective_port}", library, sys.argv[1:])
        pages = site.test_client()
        said = {name: digest(pages.get(path).text) for name, path, _, _ in PICTURES}
        PAGES.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        server.close()
        library.close()


def digest(page: str) -> str:
    """Return the SHA-256 of what a page says, but for times and for addresses of the site."""
    said = re.sub(r"<[^>]*>", " ", page.partition("<body")[2])
    lasting = re.sub(r"\d{1,2}[. ]+\w+ \d{4}|\d{1,2}:\d\d|https?://\S+", "", said)
    return sha256(" ".join(lasting.split()).encode()).hexdigest()


def photograph(site: str, library: Library, wanted: list[str]) -> None:
    """Save the pictures of the pages of ``site`` that are wanted, or all of them."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, path, width, height in PICTURES:
            if wanted and name not in wanted:
                continue
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(site + path)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
        if not wanted or "draft" in wanted:
            photograph_draft(browser, site, library)
        browser.close()


def photograph_draft(browser: Browser, site: str, library: Library) -> None:
    """Save the picture of a draft beside the text of the file that it was made of."""
    person = library.accounts.create("ana@people.example", "contributor", "Ana")
    library.contributing.receive(person, SENT_IN.name, SENT_IN.read_bytes())
    library.contributing.read_next()
    (draft,) = library.contributing.drafts(person)
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    secret = library.accounts.begin_session(person.id, "screenshots")
    context.add_cookies([{"name": "session", "value": secret, "url": site}])
    page = context.new_page()
    page.goto(f"{site}/drafts/{draft.id}")
    page.locator("#field-summary").evaluate("field => field.scrollIntoView()")
    page.locator("#field-summary").get_by_role("link", name="From your file").first.click()
    page.screenshot(path=IMAGES / "draft.png")
    context.close()


if __name__ == "__main__":
    main()
