"""Ways in which a file of an index is damaged: by a full disk, a power cut, a bad sector."""

from pathlib import Path


def current(index: Path) -> Path:
    """Return the generation of an index folder that is in use."""
    return index / (index / "current").readlink()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def flip(path: Path) -> None:
    """Turn a bit in each of fifty places."""
    data = bytearray(path.read_bytes())
    for number in range(50):
        data[number * (len(data) - 1) // 49] ^= 1 << number % 8
    path.write_bytes(data)


def zero_a_block(path: Path) -> None:
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(data[:middle] + bytes(20) + data[middle + 20 :])
