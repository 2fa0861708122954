"""The bill of materials: what a lock installs, with versions, hashes, licences (CycloneDX, JSON).

Versions and hashes come from the lock, licences from the packages as they are installed in the
environment that runs this; what the lock has for another system stands there without. Nothing is
looked up elsewhere, and no address to fetch anything from is written.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def main(lock: Path) -> None:
    """Write the bill of a lock to standard output."""
    bill = _installed()
    licences = {_name(each["name"]): each.get("licenses") for each in bill.pop("components", [])}
    bill.pop("dependencies", None)
    bill["components"] = [
        _component(name, version, hashes, licences.get(name) or _written(name))
        for name, version, hashes in pins(lock.read_text(encoding="utf-8"))
    ]
    json.dump(bill, sys.stdout, indent=1, ensure_ascii=False)


def pins(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield name, version and SHA-256 of the archives of each package of a lock."""
    for entry in re.split(r"\n(?=\S)", text):
        found = _PIN.match(entry)
        if found:
            yield _name(found[1]), found[2], _HASH.findall(entry)


def _component(name: str, version: str, hashes: list[str], licences: Any) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    told = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    archives = [{"alg": "SHA-256", "content": each} for each in hashes]
    return {**told, "hashes": archives, **({"licenses": licences} if licences else {})}


def _installed() -> dict[str, Any]:
    """Return the bill of this environment, in which licences are read from the packages."""
    command = [
        sys.executable,
        "-m",
        "cyclonedx_py",
        "environment",
        "--output-reproducible",
        "--no-validate",
    ]
    pyproject = Path(__file__).parents[1] / "pyproject.toml"
    done = subprocess.run(  # noqa: S603 - our own
        [*command, "--pyproject", str(pyproject), sys.prefix],
        capture_output=True, check=True,
    )  # fmt: skip
    bill: dict[str, Any] = json.loads(done.stdout)
    bill["metadata"].pop("properties", None)
    return _without_addresses(bill)


def _written(name: str) -> list[dict[str, Any]]:
    """Return the licence of a package in its own words, where they are no SPDX id."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return []
    words = (told["License-Expression"] or told["License"] or "").partition("\n")[0]
    return [{"license": {"name": words}}] if words else []


def _without_addresses(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_addresses(each)
            for name, each in value.items()
            if name not in {"externalReferences", "url", "description"}
        }
    return [_without_addresses(each) for each in value] if isinstance(value, list) else value


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
