"""Fixtures, and when to use which.

Build what a test needs inline where it can be read at a glance; take a fixture only for what is
slow or long. ``library`` is empty, so that a test that forgets to put something in fails loudly;
``corpus_library`` holds all of corpus/, is shared, and must not be changed.
"""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kb.library import Library, open_library
from kb.settings import Settings

ROOT = Path(__file__).parent.parent

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


GUARD = Path(__file__).with_name("guard")


def pytest_configure() -> None:
    """Keep this process, and every Python that it starts, from calling other computers."""
    folder = tempfile.mkdtemp(prefix="calls-out-")
    os.environ["CITYPRAXIS_CALLS_OUT"] = str(Path(folder, "tried"))
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(GUARD), before)))
    spec = importlib.util.spec_from_file_location("guard", GUARD / "sitecustomize.py")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def pytest_unconfigure() -> None:
    shutil.rmtree(calls_out().parent, ignore_errors=True)


def calls_out() -> Path:
    """Return the file in which is written down who tried to call another computer."""
    return Path(os.environ["CITYPRAXIS_CALLS_OUT"])


@pytest.fixture(autouse=True)
def nobody_calls_out() -> Iterator[None]:
    """Fail the test during which this process, or one of its children, tried to."""
    before = calls_out().stat().st_size if calls_out().exists() else 0
    yield
    tried = calls_out().read_text(encoding="utf-8")[before:] if calls_out().exists() else ""
    assert not tried, f"another computer was called:\n{tried}"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = open_library(Settings(data=tmp_path / "data", encoder="off"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def corpus_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    opened = open_library(Settings(data=tmp_path_factory.mktemp("corpus"), encoder="off"))
    assert not opened.ingest([ROOT / "corpus"]).refused
    opened.sync()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def test_data() -> Path:
    folder = os.environ.get("KB_TEST_DATA")
    if not folder:
        pytest.skip("set KB_TEST_DATA to the folder of the shared test data")
    return Path(folder)


@pytest.fixture
def write_case(tmp_path: Path) -> Callable[..., Path]:
    """Write a complete case file; keyword arguments replace its lines, None leaves one out."""

    def write(name: str = "a-case", body: str = "The full text.", **fields: str | None) -> Path:
        lines = {"id": name, **COMPLETE, **fields}
        block = "\n".join(f"{key}: {value}" for key, value in lines.items() if value is not None)
        path = tmp_path / f"{name}.md"
        path.write_text(f"---\n{block}\n---\n\n{body}\n", encoding="utf-8")
        return path

    return write


COMPLETE = {
    "title": "Housing First",
    "summary": "Homeless people get a flat of their own first, and help to keep it afterwards.",
    "original_language": "en",
    "city": "Dublin",
    "country": "IE",
    "themes": '["06.1"]',
    "target_groups": "[homeless-people]",
    "innovation_type": "[new-delivery]",
    "stage": "implemented",
    "start": "2011",
    "challenge": "Hostels did not end homelessness.",
    "solution": "Flats without conditions.",
    "lead_organisation": "{name: City Council, type: municipality}",
    "cost_band": "unknown",
    "funding_programmes": "unknown",
    "conditions": "unknown",
    "barriers_and_failures": "unknown",
    "transferability": "{level: T0}",
    "sources_and_media": '[{id: s1, url: "https://example.org/a"}]',
    "contact": "unknown",
}
