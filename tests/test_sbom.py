"""The bill of materials names every package of the lock, and no address."""

import importlib.util
import json
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytest.importorskip("cyclonedx_py", reason="cyclonedx-bom is missing; install the group sbom")


@pytest.fixture(scope="module")
def bill():
    done = subprocess.run(
        [sys.executable, "deploy/sbom.py", "requirements-semantic.lock"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_every_package_of_the_lock_is_in_it_with_its_version_and_hashes(bill):
    lock = (ROOT / "requirements-semantic.lock").read_text(encoding="utf-8")
    pinned = set(re.findall(r"(?m)^([a-z0-9-]+)==([^ ;\\]+)", lock))
    parts = json.loads(bill)["components"]

    assert {(each["name"], each["version"]) for each in parts} == pinned
    told = [each["content"] for part in parts for each in part["hashes"]]
    assert sorted(told) == sorted(re.findall(r"sha256:([0-9a-f]{64})", lock))


def test_what_is_installed_here_has_a_licence(bill):
    without = {each["name"] for each in json.loads(bill)["components"] if "licenses" not in each}

    assert not [name for name in without if importlib.util.find_spec(name.replace("-", "_"))]


def test_it_is_valid_and_names_no_address(bill):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    read = json.loads(bill)

    assert JsonStrictValidator(SchemaVersion.from_version(read["specVersion"])).validate_str(
        bill
    ) is None  # fmt: skip
    assert set(re.findall(r"https?://[^/\"]+", bill)) == {"http://cyclonedx.org"}  # its schema
    assert read["metadata"]["component"]["name"] == "citypraxis"
