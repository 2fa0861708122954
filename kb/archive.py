"""Several files as one: a ZIP archive whose bytes depend on nothing but the files."""

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date that ZIP knows; a real one would make every archive another."""
_READABLE = 0o644 << 16


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of ``files``: content by path in the archive, in their order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _READABLE
            archive.writestr(entry, content)
    return packed.getvalue()
