from collections.abc import Callable
from pathlib import Path

import pytest

from kb.errors import CaseNotFoundError, Problem, RefusedFileError
from kb.ingesting import Ingested
from kb.library import Library

WriteCase = Callable[..., Path]


def ingest(library: Library, *paths: Path) -> Ingested:
    return library.ingest(paths)


def originals(library: Library) -> list[Path]:
    return [path for path in (library.settings.data / "originals").rglob("*") if path.is_file()]


def refused(library: Library, *paths: Path) -> Problem:
    (problem,) = ingest(library, *paths).refused
    assert problem.remedy
    return problem


def test_ingest_takes_in_a_case_with_its_original(library: Library, write_case: WriteCase) -> None:
    path = write_case("dublin")

    result = ingest(library, path)

    revision = library.page("dublin").revision
    assert (result.new, result.refused, result.remarks) == (["dublin"], [], [])
    assert (revision.number, revision.file) == (1, str(path))
    assert revision.original == originals(library)[0].name
    assert originals(library)[0].read_bytes() == path.read_bytes()


def test_ingest_again_changes_nothing(library: Library, write_case: WriteCase) -> None:
    path = write_case("dublin")
    ingest(library, path)

    result = ingest(library, path)

    assert (result.new, result.changed, result.unchanged) == ([], [], ["dublin"])
    assert library.page("dublin").revision.number == 1


def test_ingest_of_a_corrected_file_is_the_next_revision(
    library: Library, write_case: WriteCase
) -> None:
    ingest(library, write_case("dublin"))

    result = ingest(library, write_case("dublin", title="Housing First in Dublin"))

    assert (result.new, result.changed, result.unchanged) == ([], ["dublin"], [])
    assert library.page("dublin").revision.number == 2


def test_ingest_takes_the_case_files_of_a_folder_and_of_those_in_it(
    library: Library, write_case: WriteCase, tmp_path: Path
) -> None:
    folder = tmp_path / "cases"
    (folder / "ie").mkdir(parents=True)
    write_case("one").rename(folder / "one.md")
    write_case("two").rename(folder / "ie" / "two.MD")
    write_case("three").rename(folder / "ie" / "three.markdown")
    write_case("hidden").rename(folder / ".hidden.md")
    (folder / "README.md").write_text("# About these cases\n")
    (folder / "ie" / "readme.md").write_text("# About these cases\n")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")

    result = ingest(library, folder)

    assert sorted(result.new) == ["one", "three", "two"]
    assert result.refused == []


def test_ingest_of_an_empty_folder_does_nothing(library: Library, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert ingest(library, tmp_path / "empty") == Ingested()


def test_broken_files_do_not_keep_out_the_others(
    library: Library, write_case: WriteCase, tmp_path: Path
) -> None:
    write_case("a-good")
    write_case("b-term", themes='["99"]')
    write_case("c-gap", city=None)
    (tmp_path / "d-encoding.md").write_bytes(b"---\ntitle: kaf\xe9\n---\n")
    (tmp_path / "e-nul.md").write_bytes(b"---\ntitle: a\0b\n---\n")
    (tmp_path / "f-open.md").write_text("---\ntitle: a\n")
    (tmp_path / "g-yaml.md").write_text("---\ntitle: a: b\n---\n")
    (tmp_path / "h-empty.md").write_text("")
    (tmp_path / "i-laughs.md").write_text("---\na: &a [x]\nb: [*a, *a]\n---\n")
    write_case("j-good", title="Another")

    result = ingest(library, tmp_path)

    assert result.new == ["a-good", "j-good"]
    assert [(Path(p.file).name, p.line, p.field) for p in result.refused] == [
        ("b-term.md", 8, "themes[0]"),
        ("c-gap.md", 1, "city"),
        ("d-encoding.md", 2, ""),
        ("e-nul.md", 2, ""),
        ("f-open.md", 1, ""),
        ("g-yaml.md", 2, ""),
        ("h-empty.md", None, ""),
        ("i-laughs.md", 2, ""),
    ]
    assert all(problem.remedy for problem in result.refused)


def test_nothing_of_a_refused_file_is_kept(library: Library, write_case: WriteCase) -> None:
    ingest(library, write_case("dublin", stage="nearly"))

    assert originals(library) == []
    assert library.status().cases == 0
    with pytest.raises(CaseNotFoundError):
        library.page("dublin")


def test_refused_correction_leaves_the_case_as_it_was(
    library: Library, write_case: WriteCase
) -> None:
    ingest(library, write_case("dublin"))

    ingest(library, write_case("dublin", title="Other", stage="nearly"))

    assert library.page("dublin").revision.number == 1
    assert library.page("dublin").revision.case.title == "Housing First"
    assert len(originals(library)) == 1


def test_second_file_of_an_id_is_refused(library: Library, write_case: WriteCase) -> None:
    first, second = write_case("one", id="same"), write_case("two", id="same", title="Other")

    result = ingest(library, first, second)

    assert result.new == ["same"]
    assert result.refused == [
        Problem(
            str(second),
            f"is also the id of {first}",
            "give one of them another id",
            field="id",
            value="same",
        )
    ]
    assert library.page("same").revision.case.title == "Housing First"


def test_id_of_a_refused_file_is_free_for_the_next(library: Library, write_case: WriteCase) -> None:
    result = ingest(
        library, write_case("one", id="same", city="Helsinki", country="SE"),
        write_case("two", id="same"),
    )  # fmt: skip

    assert result.new == ["same"]
    assert [problem.field for problem in result.refused] == ["country"]


def test_city_in_another_country_is_refused_with_remedy(
    library: Library, write_case: WriteCase
) -> None:
    problem = refused(library, write_case("helsinki", city="Helsinki", country="SE"))

    assert (problem.field, problem.value) == ("country", "SE")
    assert problem.message == "Helsinki is in FI by the gazetteer"
    assert problem.remedy.startswith("write country: FI; if another place")


@pytest.mark.parametrize("code", [{"wikidata": "Q1757"}, {"nuts3": "SE110"}])
def test_city_in_another_country_is_taken_with_a_code(
    library: Library, write_case: WriteCase, code: dict[str, str]
) -> None:
    result = ingest(library, write_case("helsinki", city="Helsinki", country="SE", **code))

    assert result.new == ["helsinki"]


@pytest.mark.parametrize(
    ("city", "country"),
    [("Helsingfors", "FI"), ("Αθήνα", "EL"), ("London", "UK"), ("Oslo", "NO"), ("Nowhere", "SE")],
)
def test_city_is_taken_under_any_of_its_names(
    library: Library, write_case: WriteCase, city: str, country: str
) -> None:
    assert ingest(library, write_case("case", city=city, country=country)).new == ["case"]


def test_missing_path_is_refused(library: Library, write_case: WriteCase, tmp_path: Path) -> None:
    result = ingest(library, tmp_path / "nothing.md", write_case("dublin"))

    assert result.new == ["dublin"]
    assert result.refused == [
        Problem(str(tmp_path / "nothing.md"), "there is no such file", "check the path")
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("case.doc", "files ending in .doc are not read"),
        ("case", "files ending in nothing are not read"),
    ],
)
def test_unreadable_ending_is_refused_with_those_that_are_read(
    library: Library, tmp_path: Path, name: str, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"%PDF-1.7")

    problem = refused(library, path)

    assert problem.message == message
    assert problem.remedy.startswith("save it as .md, .markdown, .txt, .docx, ")


def test_unknown_fields_are_kept_and_reported(library: Library, write_case: WriteCase) -> None:
    path = write_case("dublin", status="published", transferability="{level: T0, price: high}")

    result = ingest(library, path)

    assert result.remarks == [
        f"{path}: kept fields that the model does not know: status, transferability.price"
    ]
    assert b"status: published" in library.markdown("dublin")
    assert b"price: high" in library.markdown("dublin")


def test_receive_refuses_before_anything_is_kept(library: Library) -> None:
    with pytest.raises(RefusedFileError):
        library.receive("a.md", b"---\ntitle: a\n---\n", "someone")

    assert originals(library) == []


def test_receive_names_the_contributor(library: Library, write_case: WriteCase) -> None:
    revision = library.receive("dublin.md", write_case("dublin").read_bytes(), "someone")

    assert revision is not None
    assert revision.contributor == "someone"


def test_markdown_of_a_case_can_be_ingested_again(library: Library, write_case: WriteCase) -> None:
    ingest(library, write_case("dublin", body="# One\n\n---\n\nTwo"))

    assert library.receive("dublin.md", library.markdown("dublin"), "someone") is None


def test_text_becomes_a_case_that_is_found(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "Käfertal.txt"
    path.write_bytes(
        "Wohnungslose Menschen in Mannheim\n"
        "Die Stadt Mannheim hilft wohnungslosen Bürger*innen mit Wohnungen.\n".encode("cp1252")
    )

    result = ingest(library, path)
    library.sync()

    page = library.page("kafertal")
    assert result.new == ["kafertal"]
    assert page.revision.case.original_language == "de"
    assert (page.revision.case.city, page.revision.case.country) == ("Mannheim", "DE")
    assert "Bürger*innen" in page.bodies["de"]


def test_file_that_is_named_twice_is_taken_in_once(
    library: Library, write_case: WriteCase, tmp_path: Path
) -> None:
    path = write_case("dublin")

    result = ingest(library, path, tmp_path)

    assert (result.new, result.refused) == (["dublin"], [])
