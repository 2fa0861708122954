"""Collections as YAML, one file a collection; every text maps a language to what is said in it."""

from pathlib import PurePath

from pydantic import ValidationError

from kb.collection import Collection
from kb.errors import RefusedFileError
from kb.formats import front_matter
from kb.formats.decoding import decode
from kb.formats.problems import refusals

"""How the names of such files end."""


def read(data: bytes, file: str) -> Collection:
    """Read a collection; the id is the file's name where the file gives none.

    Raises:
        RefusedFileError: with a problem for each thing that is wrong.
    """
    fields = front_matter.read(decode(data, file), file, first_line=1)
    try:
        return Collection.model_validate({"id": PurePath(file).stem, **fields.values})
    except ValidationError as err:
        raise RefusedFileError(refusals(err, file, fields.line)) from err


def write(collection: Collection) -> bytes:
    """Write a collection so that `read` gives an equal one."""
    return front_matter.write(collection.as_dict()).encode()
