import io
import zipfile

from kb import archive

FILES = {"b.yaml": b"one", "cases/a.md": "Łódź".encode() * 99}


def test_archive_holds_the_files_in_their_order() -> None:
    with zipfile.ZipFile(io.BytesIO(archive.pack(FILES))) as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == FILES
        assert opened.namelist() == list(FILES)
        assert opened.testzip() is None


def test_same_files_make_the_same_bytes() -> None:
    assert archive.pack(FILES) == archive.pack(dict(FILES))
