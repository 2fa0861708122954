import hashlib
from pathlib import Path
from threading import Barrier, Thread

import pytest

from kb.errors import CaseNotFoundError, FullDiskError
from kb.originals import Originals

DIGEST = hashlib.sha256(b"text").hexdigest()


def test_keep_returns_the_hash_under_which_read_finds_the_bytes(tmp_path: Path) -> None:
    originals = Originals(tmp_path / "originals")

    digest = originals.keep(b"text")

    assert digest == DIGEST
    assert originals.read(digest) == b"text"


def test_keep_names_the_file_by_its_hash_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    Originals(tmp_path).keep(b"text")

    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert files == [tmp_path / DIGEST[:2] / DIGEST]


def test_keep_again_changes_nothing(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    originals.keep(b"text")
    before = (tmp_path / DIGEST[:2] / DIGEST).stat()

    digest = originals.keep(b"text")

    after = (tmp_path / DIGEST[:2] / DIGEST).stat()
    assert digest == DIGEST
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_keep_writes_the_file_where_an_earlier_attempt_was_interrupted(tmp_path: Path) -> None:
    beside = tmp_path / DIGEST[:2] / f".{DIGEST}.1.1"
    beside.parent.mkdir()
    beside.write_bytes(b"te")

    Originals(tmp_path).keep(b"text")

    assert Originals(tmp_path).read(DIGEST) == b"text"


def test_keep_flushes_file_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed = []
    monkeypatch.setattr(
        "os.fsync", lambda handle: flushed.append(Path(f"/proc/self/fd/{handle}").resolve())
    )

    Originals(tmp_path).keep(b"text")

    assert flushed[0] == tmp_path
    assert flushed[1].name.startswith(f".{DIGEST}.")
    assert flushed[2] == tmp_path / DIGEST[:2]


def test_keep_leaves_no_broken_original_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    originals = Originals(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("kb.originals.os.fsync", full)
        with pytest.raises(FullDiskError, match="No space left"):
            originals.keep(b"text")

    with pytest.raises(CaseNotFoundError):
        originals.read(DIGEST)
    assert originals.keep(b"text") == DIGEST
    assert originals.read(DIGEST) == b"text"


def test_keep_by_several_threads_at_once_succeeds(tmp_path: Path) -> None:
    originals, together, kept = Originals(tmp_path), Barrier(8), []

    def keep() -> None:
        together.wait()
        kept.extend(originals.keep(b"%d" % number) for number in range(20))

    threads = [Thread(target=keep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(kept) == 160
    assert all(
        originals.read(hashlib.sha256(b"%d" % n).hexdigest()) == b"%d" % n for n in range(20)
    )


@pytest.mark.parametrize(
    "digest",
    ["", DIGEST, DIGEST.upper(), DIGEST[:-1], f"{DIGEST}0", f"{DIGEST}\n", "../../etc/passwd",
     "g" * 64, "..".ljust(64, "/")],
)  # fmt: skip
def test_read_finds_nothing_under_a_hash_that_was_not_kept(tmp_path: Path, digest: str) -> None:
    originals = Originals(tmp_path)
    originals.keep(b"other")

    with pytest.raises(CaseNotFoundError):
        originals.read(digest)
