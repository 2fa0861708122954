"""Secrets that the operator keeps in files, so that they stand in no environment and no listing."""

import stat
from pathlib import Path

from kb.errors import SettingError


def read(path: Path) -> str:
    """Return what stands in a file, without the end of its line.

    Raises:
        SettingError: it cannot be read, is empty, or anybody on this computer could read it.
    """
    try:
        mode, told = path.stat().st_mode, path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as err:
        reason = getattr(err, "strerror", None) or "is no text"
        raise SettingError(
            f"the secret in {path} cannot be read: {reason}; give it to the user of the site"
        ) from err
    if mode & stat.S_IRWXO:
        raise SettingError(f"the secret in {path} is open to everybody: chmod 600 {path}")
    if not told:
        raise SettingError(f"the secret in {path} is empty; write it there")
    return told
