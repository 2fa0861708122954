import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer import cli

ROOT = Path(__file__).parent.parent

HEAVY = [
    "spacy",
    "whoosh",
    "flask",
    "numpy",
    "pydantic",
    "sqlite_utils",
    "yaml",
    "markdown",
    "tqdm",
]

CASES = ("gb/preston-model.md", "ie/housing-first-dublin.md")

Run = Callable[..., Result]


def call(data: Path, *args: object, **env: str) -> Result:
    given = {"KB_DATA": str(data), "KB_PORT": None, "KB_SITE_URL": None, **env}
    return CliRunner().invoke(cli, [str(arg) for arg in args], env=given)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command line with an empty knowledge base."""
    return lambda *args, **env: call(tmp_path / "data", *args, **env)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of two good files, one of which has an unknown field, and a bad one."""
    folder = tmp_path_factory.mktemp("cases")
    for file in CASES:
        shutil.copy(ROOT / "corpus" / file, folder)
    dublin = (folder / "housing-first-dublin.md").read_text(encoding="utf-8")
    (folder / "housing-first-dublin.md").write_text(
        dublin.replace("stage:", "status: published\nstage:", 1), encoding="utf-8"
    )
    (folder / "bad.md").write_text(
        "---\ntitle: Bad\noriginal_language: en\nstage: pilots\n---\n", encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def ingested(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Take in the folder; return the data of the knowledge base and what was said. Shared."""
    data = tmp_path_factory.mktemp("shared")
    return data, call(data, "ingest", cases)


def test_help_names_every_setting_and_command(run: Run) -> None:
    result = run("--help")

    assert result.exit_code == 0
    for word in ("KB_DATA", "KB_PORT", "KB_SITE_URL", *cli.commands):
        assert word in result.output


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_help_of_a_command_gives_an_example(run: Run, command: str) -> None:
    result = run(command, "--help")

    assert result.exit_code == 0
    (example,) = [line for line in result.output.splitlines() if "Example:" in line]
    assert f"indexer.py {command}" in example


def test_help_loads_no_engine() -> None:
    script = (
        "import sys\n"
        "from indexer import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(', '.join(loaded) or 0)\n"
    )

    ran = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Usage:" in ran.stdout


def test_ingest_takes_in_and_indexes_what_is_good(ingested: tuple[Path, Result]) -> None:
    data, result = ingested

    status = call(data, "status")

    assert result.stdout == "2 new, 0 changed, 0 unchanged, 1 files refused.\n"
    assert status.stdout.startswith("2 cases; index (whoosh) ready:\n2 cases in it")


def test_ingest_fails_and_names_everything_that_is_wrong(
    cases: Path, ingested: tuple[Path, Result]
) -> None:
    lines = ingested[1].stderr.splitlines()

    assert ingested[1].exit_code == 1
    assert (
        f"{cases}/bad.md:4: stage 'pilots': is not in the vocabulary 'Stages'; "
        "did you mean 'pilot'?"
    ) in lines
    assert (
        f"{cases}/bad.md:1: city: is missing; add it; where nobody knows, some fields take unknown"
    ) in lines
    assert "Traceback" not in ingested[1].output


def test_ingest_reports_unknown_fields(cases: Path, ingested: tuple[Path, Result]) -> None:
    kept = "kept fields that the model does not know: status"

    assert f"{cases}/housing-first-dublin.md: {kept}" in ingested[1].stderr.splitlines()


def test_ingest_again_succeeds_and_reports_what_is_unchanged(
    cases: Path, ingested: tuple[Path, Result]
) -> None:
    result = call(ingested[0], "ingest", cases / "preston-model.md")

    assert result.exit_code == 0
    assert result.stdout == "0 new, 0 changed, 1 unchanged, 0 files refused.\n"


def test_ingest_of_a_path_that_is_not_there_fails_with_words(run: Run, tmp_path: Path) -> None:
    result = run("ingest", tmp_path / "nothing")

    assert result.exit_code == 1
    assert f"{tmp_path / 'nothing'}: there is no such file; check the path" in result.stderr


def test_ingest_of_no_path_is_a_mistake_of_use(run: Run) -> None:
    assert run("ingest").exit_code == 2


def test_search_shows_what_was_found_and_why(ingested: tuple[Path, Result]) -> None:
    result = call(ingested[0], "search", "procurement")

    assert result.exit_code == 0
    assert result.stdout.startswith("1 cases found.\n\npreston-model  The Preston Model")
    assert "\n  Preston, GB, 2011\n" in result.stdout
    assert "\n  found by words: procurement -> " in result.stdout


def test_search_takes_several_words_filters_and_a_size(ingested: tuple[Path, Result]) -> None:
    every, one, none = (
        call(ingested[0], "search", *args).stdout
        for args in (["the", "city"], ["city", "--size", "1"], ["city", "country:SE"])
    )

    assert every.startswith("2 cases found.")
    assert one.startswith("2 cases found.")
    assert (every + one).count("preston-model  ") + (every + one).count("first-dublin  ") == 3
    assert none.startswith("0 cases found.")


def test_search_says_what_was_left_out_of_the_question(ingested: tuple[Path, Result]) -> None:
    result = call(ingested[0], "search", "x" * 600)

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 1


def test_search_without_an_index_fails_with_words(run: Run) -> None:
    result = run("search", "hostels")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.output


def test_status_of_nothing(run: Run) -> None:
    result = run("status")

    assert result.exit_code == 0
    assert result.stdout.startswith("0 cases; index (whoosh) missing")


def test_sync_of_what_is_in_step_does_nothing(ingested: tuple[Path, Result]) -> None:
    assert call(ingested[0], "sync").stdout == "0 cases indexed.\n"


def test_rebuild_reports_the_number_of_cases(ingested: tuple[Path, Result]) -> None:
    assert call(ingested[0], "rebuild").stdout == "2 cases indexed.\n"


@pytest.mark.parametrize("command", ["status", "sync", "rebuild"])
def test_command_does_not_mind_being_the_first(run: Run, command: str) -> None:
    assert run(command).exit_code == 0


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"KB_PORT": "eighty"},
         "Error: KB_PORT is 'eighty'; give a number from 0 to 65535, such as 8000\n"),
        ({"KB_SITE_URL": "kb.example"},
         "Error: KB_SITE_URL is 'kb.example'; give a full address, such as https://x.example\n"),
    ],
)  # fmt: skip
def test_wrong_setting_is_named_with_what_is_expected(
    run: Run, env: dict[str, str], message: str
) -> None:
    result = run("status", **env)

    assert (result.exit_code, result.stderr) == (1, message)


def test_folder_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    result = run("status", KB_DATA=str(tmp_path / "file"))

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: KB_DATA is '{tmp_path / 'file'}': ")
    assert result.stderr.endswith("; give a folder that can be written\n")


def test_database_of_a_newer_version_is_refused_with_words(run: Run, tmp_path: Path) -> None:
    run("status")
    connection = sqlite3.connect(tmp_path / "data" / "citypraxis.sqlite", isolation_level=None)
    connection.execute("UPDATE _sqlite_migrations SET name = 'm900_later' WHERE name LIKE 'm002%'")
    connection.close()

    result = run("status")

    assert result.exit_code == 1
    assert "Error: the database knows the step 'm900_later'" in result.stderr


def test_unknown_command_is_a_mistake_of_use(run: Run) -> None:
    result = run("reindex")

    assert result.exit_code == 2
    assert "No such command 'reindex'" in result.stderr


def test_freeze_prints_address_hash_and_citation_and_freezes_once(
    ingested: tuple[Path, Result],
) -> None:
    data, _ = ingested

    told = call(data, "freeze", "housing", "--filter", "country=IE")
    again = call(data, "freeze", "housing", "--filter", "country=IE")

    assert told.exit_code == 0
    assert again.output == told.output
    address, counted, citation = told.output.splitlines()
    sha256 = counted.rpartition(" ")[2]
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/snapshots/[0-9a-f]{16}", address)
    assert counted.startswith("1 cases, SHA-256 ")
    assert (data / "snapshots" / sha256[:2] / sha256).exists()
    assert citation.endswith(address)


@pytest.mark.parametrize("name", ["csv", "jsonl", "package", "geojson"])
def test_export_writes_what_the_site_sends(
    ingested: tuple[Path, Result], tmp_path: Path, name: str
) -> None:
    data, _ = ingested
    path = tmp_path / f"cases.{name}"

    told = call(data, "export", name, "--filter", "country=IE", "--output", path)

    assert told.exit_code == 0
    assert f"1 cases written to {path}" in told.output
    assert b"housing-first-dublin" in path.read_bytes() or name == "package"
    assert b"preston" not in path.read_bytes()


def test_export_takes_the_options_of_csv(ingested: tuple[Path, Result], tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"

    call(ingested[0], "export", "csv", "--query", "preston", "--bom", "--raw", "--lang", "fi",
         "--output", path)  # fmt: skip

    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert "Toteutettu" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["pdf"], "there is no format 'pdf'; use one of: csv, xlsx"),
        (["csv", "--filter", "colour=red"], "'colour=red'; write facet=value with one of: theme"),
        (["csv", "--filter", "country"], "write facet=value"),
    ],
)
def test_export_says_what_is_wrong(
    ingested: tuple[Path, Result], tmp_path: Path, args: list[str], said: str
) -> None:
    told = call(ingested[0], "export", *args, "--output", tmp_path / "cases")

    assert told.exit_code != 0
    assert said in told.output
    assert list(tmp_path.iterdir()) == []
