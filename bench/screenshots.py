"""Draws the pictures of the documentation anew: docs/images/*.png, from the corpus as it is.

Usage: python bench/screenshots.py          (needs Chromium at /usr/bin/chromium)
"""

import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright
from waitress.server import create_server

from kb.library import open_library
from kb.settings import Settings
from web import create_app

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
IMAGES = Path("docs/images")
PICTURES = (
    ("search", "/?q=homelessness", 1280, 860),
    ("polish", "/?q=bezdomni&lang=pl", 1280, 1100),
    ("theme", "/vocabulary/themes/06.1", 1280, 1100),
    ("case", "/cases/rapid-rehousing-brno", 1280, 1100),
    ("collection", "/collections/social-affairs-forum-2021", 1280, 1100),
    ("empty", "/?q=monorail", 1280, 700),
    ("phone", "/?q=sans-abri", 390, 844),
)


def main() -> None:
    """Take in the corpus, serve it, and take each picture."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        library = open_library(settings)
        library.ingest([Path("corpus")])
        library.sync()
        library.learn()
        server = create_server(create_app(library, settings), host="127.0.0.1", port=0)
        threading.Thread(target=server.run, daemon=True).start()
        photograph(f"http://127.0.0.1:{server.effective_port}")
        server.close()
        library.close()


def photograph(site: str) -> None:
    """Save each picture of the pages of ``site``."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, path, width, height in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(site + path)
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
