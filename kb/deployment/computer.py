"""What the computer gives the site: a user, a folder, a disk, programs, limits, the time."""

import ctypes
import importlib.util
import os
import resource
import shutil
import stat
import sys
from pathlib import Path

from kb.deployment.row import Row, row
from kb.intake import sandbox
from kb.settings import Settings

_DISTANT = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.gluster")
_LEAST_FREE = 1 << 30
_LESS_FREE = 0.1
_FILES = 1024
_PYTHONS = ((3, 11), (3, 13))
_UNSYNCHRONISED = 5
_TIMEX_BYTES = 256


def user(_settings: Settings) -> Row:
    """Tell whether what breaks in could do everything."""
    return row(
        "user",
        f"runs as user {os.geteuid()}",
        fine=os.geteuid() != 0,
        remedy="run it as a user of its own, as the units in deploy/ do",
    )


def folder(settings: Settings) -> Row:
    """Tell whether only the site can read its data."""
    found = settings.data.stat()
    mode = stat.S_IMODE(found.st_mode)
    return row(
        "folder",
        f"{settings.data} of user {found.st_uid}, {mode:04o}",
        fine=not mode & (stat.S_IRWXG | stat.S_IRWXO),
        remedy=f"chmod 700 {settings.data}: names and keys lie there",
    )


def disk(settings: Settings) -> Row:
    """Tell whether the folder lies on a disk of this computer, as SQLite's WAL needs."""
    kind = _file_system(settings.data.resolve())
    return row(
        "disk",
        kind or "of a kind that is not known",
        fine=not kind.startswith(_DISTANT),
        remedy="put KB_DATA on a local disk; over a network the database breaks",
    )


def space(settings: Settings) -> Row:
    """Tell whether there is room."""
    used = shutil.disk_usage(settings.data)
    told = f"{used.free >> 20} MB free of {used.total >> 20}"
    if used.free < _LEAST_FREE:
        return Row("space", "missing", told, "free the disk; uploads will be refused")
    few = used.free < _LESS_FREE * used.total
    return row("space", told, fine=not few, remedy="watch it", otherwise="warn")


def wall(_settings: Settings) -> Row:
    """Tell whether files are read where nothing of the computer can be seen."""
    walled = sandbox.is_walled()
    return row(
        "wall",
        "bubblewrap works" if walled else "bubblewrap is missing, or may not make namespaces here",
        fine=walled,
        remedy="install bubblewrap; without it a reader that is broken into sees other files",
        otherwise="warn",
    )


def scans(_settings: Settings) -> Row:
    """Tell whether scanned documents can be read."""
    found = shutil.which("tesseract")
    return row(
        "scans",
        found or "tesseract is missing",
        fine=bool(found),
        remedy="install tesseract and the languages of your cities",
        otherwise="warn",
    )


def server(_settings: Settings) -> Row:
    """Tell whether several processes can answer."""
    found = importlib.util.find_spec("gunicorn") is not None
    return row(
        "server",
        "gunicorn is installed" if found else "gunicorn is missing",
        fine=found,
        remedy="install the extra server, and run deploy/gunicorn.conf.py",
        otherwise="warn",
    )


def python(_settings: Settings) -> Row:
    """Tell whether this Python is one of those on which the tests run."""
    oldest, newest = _PYTHONS
    return row(
        "python",
        ".".join(map(str, sys.version_info[:3])),
        fine=oldest <= sys.version_info[:2] <= newest,
        remedy=f"use Python {oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}",
        otherwise="warn",
    )


def files(_settings: Settings) -> Row:
    """Tell whether enough files can be open at once."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = most == resource.RLIM_INFINITY
    return row(
        "files",
        "no limit" if unlimited else f"{most} may be open",
        fine=unlimited or most >= _FILES,
        remedy=f"raise it to {_FILES} (LimitNOFILE=, ulimit -n)",
        otherwise="warn",
    )


def clock(_settings: Settings) -> Row:
    """Tell whether the time is right, on which sessions, leases and signatures rest."""
    right = _is_synchronised()
    return row(
        "clock",
        "kept by a time server" if right else "nobody keeps it",
        fine=right,
        remedy="let systemd-timesyncd, chrony or the host of the containers keep it",
        otherwise="warn",
    )


CHECKS = (user, folder, disk, space, wall, scans, server, python, files, clock)


def _file_system(path: Path) -> str:
    """Return the kind of the file system on which a path lies; empty where nobody says."""
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    mounts = [line.split(" ")[1:3] for line in lines]
    above = [(len(point), kind) for point, kind in mounts if path.is_relative_to(_unescaped(point))]
    return max(above)[1] if above else ""


def _unescaped(point: str) -> str:
    return point.replace("\\040", " ").replace("\\011", "\t")


def _is_synchronised() -> bool:
    """Ask the kernel, which knows whoever sets it (adjtimex(2))."""
    try:
        asked = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return False
    told: int = asked(ctypes.create_string_buffer(_TIMEX_BYTES))
    return 0 <= told < _UNSYNCHRONISED
