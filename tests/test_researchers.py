"""What docs/researchers.md tells a researcher to type gives what it says that it gives."""

import contextlib
import io
import re
import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from kb.exports import EXPORTS
from kb.settings import Settings
from tests.conftest import ROOT
from web import create_app

GUIDE = (ROOT / "docs/researchers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", GUIDE, re.DOTALL)
EXAMPLE_SITE = "https://cases.example.org"


@pytest.fixture(scope="module")
def address(corpus_library) -> Iterator[str]:
    app = create_app(corpus_library, Settings(site_url=EXAMPLE_SITE))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def session(address) -> tuple[str, dict[str, object]]:
    """Run all blocks of Python one after the other; return what they print and what they name."""
    names: dict[str, object] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for kind, block in BLOCKS:
            if kind == "python":
                exec(block.replace(EXAMPLE_SITE, address), names)  # noqa: S102 - it is our guide
    return printed.getvalue(), names


def test_the_example_prints_what_the_guide_shows(session):
    (shown,) = [block for kind, block in BLOCKS if kind == "text"]

    assert session[0] == shown


def test_one_line_gives_the_cases(session):
    frame = session[1]["cases"]

    assert len(frame) > 5
    assert {"id", "title", "revision"} <= set(frame.columns)


def test_a_reference_looks_as_the_guide_shows_it(corpus_library):
    (shown,) = [block for kind, block in BLOCKS if kind == "bibtex"]
    client = create_app(corpus_library, Settings(site_url=EXAMPLE_SITE)).test_client()

    entries = client.get("/export/bibtex?theme=06").text

    for line in shown.splitlines():
        if "..." not in line and "urldate" not in line and "year" not in line:
            assert line in entries


@pytest.mark.parametrize("name", EXPORTS)
def test_every_format_is_explained(name):
    assert f"`{name}`" in GUIDE
