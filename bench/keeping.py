"""How long check, backup and restore take for so many files: CPU seconds, and bytes on the disk.

python bench/keeping.py 20000
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kb.library import open_library
from kb.restoring import restore
from kb.settings import Settings

ROOT = Path(__file__).parents[1]
FILE_BYTES = 20_000


def main(files: int) -> None:
    """Fill a site and print a line for each step."""
    with tempfile.TemporaryDirectory() as folder:
        data, backups = Path(folder, "data"), Path(folder, "backups")
        with closing(open_library(Settings(data=data, encoder="off"))) as library:
            library.ingest([ROOT / "corpus" / "ie"])
            library.sync()
            person = library.accounts.create("ana@people.example", "contributor")
            for number in range(files):
                original = library._originals.keep(os.urandom(FILE_BYTES))  # noqa: SLF001 - unread
                library.contributing._uploads.add(person.id, f"{number}.md", original, FILE_BYTES)  # noqa: SLF001
            with library._connections.writing() as db:  # noqa: SLF001 - nobody is to read them
                db.execute("UPDATE uploads SET state = 'draft'")
            print(f"{files} files of {FILE_BYTES / 1000:.0f} kB, and a few cases")
            for name in ("first backup", "second backup"):
                timed(name, lambda: library.backups.make(backups), backups)
            timed("check", lambda: library.checking.run(patience_s=0), data)
            (data / "beats" / "check.json").unlink()
            timed("check of each day", lambda: library.check_daily(bool), data)
        into = Path(folder, "again")
        timed("restore", lambda: restore(backups, into, Settings(encoder="off")), into)


def timed(name: str, step: Callable[[], object], folder: Path) -> None:
    """Do something, and print its CPU and wall seconds and what the folder then takes."""
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    step()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    blocks = {path.stat().st_ino: path.stat().st_blocks for path in folder.rglob("*")}
    megabytes = sum(blocks.values()) * 512 / 1e6
    print(f"{name:20} {cpu:7.1f} s CPU {time.monotonic() - begun:7.1f} s {megabytes:7.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
