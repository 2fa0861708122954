import contextlib
import json
import logging
import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

from kb.errors import RefusedFileError
from kb.formats import pdf, scan
from kb.intake import child, gate, sandbox
from kb.intake.sandbox import Limits
from tests.kb import pdfs, zips

FOUR_PAGES = pdfs.pdf(
    *[pdfs.paragraph(*[f"Line {n} of page {page}: flats for all who need one." for n in range(40)])
      for page in range(4)]
)  # fmt: skip
TESSERACT = pytest.mark.skipif(
    not shutil.which("tesseract"),
    reason="Tesseract is not installed: apt-get install tesseract-ocr tesseract-ocr-fra",
)


@pytest.fixture(params=["walled", "bare"])
def wall(request, monkeypatch):
    """Run with bubblewrap where it works, and without."""
    sandbox._wrapper.cache_clear()
    if request.param == "bare":
        monkeypatch.setenv("PATH", "")
    elif not sandbox._wrapper():
        pytest.skip("bubblewrap does not work here: apt-get install bubblewrap")
    yield request.param
    monkeypatch.undo()
    sandbox._wrapper.cache_clear()


def refusal(name: str, data: bytes, file: str = "a.pdf") -> str:
    with pytest.raises(RefusedFileError) as refused:
        sandbox.extract(name, data, file)
    return str(refused.value)


def said(answer: sandbox.Answer) -> str:
    return answer.problems[0].message


def confined(code: str, **names: object) -> subprocess.CompletedProcess[str]:
    """Run Python code with the limits and the guard of a child."""
    start = (
        f"import sys; sys.path.insert(0, {str(sandbox._ROOT)!r})\n"
        "import runpy, socket, subprocess, os, ctypes, resource\n"
        f"child = runpy.run_path({child.__file__!r})\n"
        "child['limit'](1 << 30, 5); child['confine']()\n"
    )
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    return subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-I", "-B", "-c", start + given + code],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.usefixtures("wall")
def test_a_child_reads_as_its_parent_would():
    assert sandbox.extract("pdf", FOUR_PAGES, "a.pdf") == pdf.extract(FOUR_PAGES, "a.pdf")


def test_four_pages_take_less_than_three_seconds():
    sandbox.extract("pdf", FOUR_PAGES, "a.pdf")  # finds out once about bubblewrap
    start = time.perf_counter()

    sandbox.extract("pdf", FOUR_PAGES, "a.pdf")

    assert time.perf_counter() - start < 3  # 0.3 on two quiet cores


def test_a_child_imports_only_what_it_reads_with():
    command = [sys.executable, "-I", "-B", "-X", "importtime", child.__file__, "pdf", str(1 << 30)]

    done = subprocess.run(  # noqa: S603 - our own code
        [*command, "20"], input=FOUR_PAGES, capture_output=True, check=True
    )

    loaded = {line.rpartition(b"|")[2].strip() for line in done.stderr.splitlines()}
    assert b"kb.formats.pdfium" in loaded
    assert not loaded & {b"spacy", b"numpy", b"lxml", b"openpyxl", b"kb.intake", b"kb.nlp"}


@pytest.mark.usefixtures("wall")
def test_refusals_of_a_child_name_the_file():
    message = refusal("pdf", pdfs.encrypted("Secret", user=b"x"), "report.pdf")

    assert message == (
        "report.pdf: is encrypted: it opens with a password only; upload an unlocked copy"
    )


def test_what_a_child_says_can_be_translated():
    with pytest.raises(RefusedFileError) as refused:
        sandbox.extract("pdf", b"%PDF-1.7", "a.pdf")
    noted = sandbox.extract("html", b"<p>A</p><img src=x>" * 2, "a.html").notes

    assert refused.value.problems[0].message.template == (
        "is damaged: it cannot be read as {format}"
    )
    assert [(note, note.template) for note in noted] == [
        ("2 pictures were left out", "{count:,} pictures were left out")
    ]


BOMBS = {
    "600 MB in 8 kB": (cache(lambda: pdfs.double_flate(600_000_000)), "is too complex to read"),
    "forms in forms": (pdfs.nested_forms, "is too complex to read"),
    "100,000 pages": (lambda: pdfs.many_pages(100_000), "has 100,000 pages"),
}
"""A limit of 1 GiB is reached from 500 MB on, which are held twice."""


@pytest.mark.usefixtures("wall")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_in_a_clear_state_and_leaves_the_parent_alone(name):
    make, reason = BOMBS[name]
    data = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()

    assert gate.check("a.pdf", data) == "pdf"
    assert reason in refusal("pdf", data)

    assert time.perf_counter() - start < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_deeply_nested_word_files_end_in_a_refusal():
    data = zips.docx(body=b"<w:p>" * 100_000 + b"</w:p>" * 100_000)

    with pytest.raises(RefusedFileError):
        sandbox.extract(gate.check("a.docx", data), data, "a.docx")


def running(mark: str) -> list[bytes]:
    """Return the command lines with ``mark`` in them of all that runs on this machine."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [line for line in [process.read_bytes()] if mark.encode() in line]
    return found


@pytest.mark.usefixtures("wall")
def test_a_child_that_takes_too_long_is_killed_with_all_that_it_started():
    marked = Limits(memory_bytes=(1 << 30) + random.randrange(4096, 1 << 20), wall_s=0.02)  # noqa: S311

    answer = sandbox.ask("pdf", FOUR_PAGES, marked)

    assert "takes more time than there is" in said(answer)
    # What was killed is gone once the machine has come round to it.
    deadline = time.monotonic() + 10
    while running(str(marked.memory_bytes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(str(marked.memory_bytes))


def test_a_child_that_uses_up_its_seconds_is_killed():
    answer = sandbox.ask("pdf", pdfs.nested_forms(), Limits(memory_bytes=1 << 40, cpu_s=1))

    assert "is too complex to read" in said(answer)


def test_a_child_without_memory_is_too_complex_to_read():
    data = pdfs.many_pages(1_999) + b"%" * 9_000_000 + b"\n%%EOF"

    answer = sandbox.ask("pdf", data, Limits(memory_bytes=60_000_000))

    assert answer.document is None
    assert answer.problems


def test_damaged_files_are_read_or_refused():
    chance = random.Random(5)  # noqa: S311 - the same files each time
    for _ in range(8):
        data = bytearray(FOUR_PAGES)
        for _ in range(20):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with contextlib.suppress(RefusedFileError):
            assert sandbox.extract("pdf", bytes(data), "a.pdf").pages


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b'{"document": 1}',
        b'{"document": {"blocks": [{"text": 1}]}}',
        b'{"document": {"blocks": [{"text": "a", "kind": "script"}]}}',
        b'{"document": {"blocks": []}',
        b'{"document": {"blocks": [], "notes": [{"template": "a"}]}}',
        b'{"problems": [{"file": "", "message": {"template": "{a.b}"}, "remedy": "b"}]}',
    ],
)
def test_an_answer_that_is_none_is_a_refusal(answer):
    assert "is too complex to read" in said(sandbox._checked(0, answer))


def test_an_answer_is_limited_in_length():
    code = "os.write(1, b'x' * 30_000_000)\n" * 2
    with tempfile.TemporaryFile() as file:
        start = f"import os, runpy\nchild = runpy.run_path({child.__file__!r})\n"
        subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-I", "-c", start + "child['limit'](1 << 30, 5)\n" + code],
            stdout=file,
            stderr=subprocess.DEVNULL,
            check=False,
        )

        assert file.seek(0, os.SEEK_END) == child.MAX_ANSWER


def test_of_what_a_child_says_besides_the_log_tells_the_kind_and_no_word(caplog):
    with tempfile.TemporaryFile() as errors:
        errors.write(b"\x1b[31mred\nlxml.etree.XMLSyntaxError: my secret\xff" + b"x" * 10_000)
        with caplog.at_level(logging.WARNING):
            sandbox._log("pdf", 0, errors)

    (message,) = caplog.messages
    assert message == "reading a pdf ended with 0; it spoke of lxml.etree.XMLSyntaxError"


def test_nothing_is_logged_of_a_quiet_child(caplog):
    sandbox.extract("pdf", FOUR_PAGES, "a.pdf")

    assert not caplog.messages


def test_a_reader_that_is_not_there_is_not_the_fault_of_the_file():
    message = refusal("doc", b"x", "a.doc")

    assert "the reader did not start; try again later" in message


def test_a_child_has_no_environment(monkeypatch):
    monkeypatch.setenv("KB_SECRET", "x")

    assert sandbox._environment("pdf") == {}
    assert set(sandbox._environment("scan")) <= {"PATH", "TESSDATA_PREFIX"}


def test_a_child_cannot_open_a_connection():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = confined("socket.create_connection(address, 2)", address=server.getsockname())

        assert "PermissionError: socket." in done.stderr
        with pytest.raises(TimeoutError):
            server.accept()


def test_native_code_in_a_child_cannot_open_a_connection_where_the_kernel_helps():
    code = (
        "library = ctypes.CDLL(None)\n"
        "handle = library.socket(2, 1, 0)\n"
        "address = (2).to_bytes(2, 'little') + port.to_bytes(2, 'big') + bytes([127, 0, 0, 1])\n"
        "print(library.connect(handle, address + bytes(8), 16))\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = confined(code, port=server.getsockname()[1])

    if done.stdout.strip() == "0":
        pytest.skip("the kernel allows no network namespace here: run as root or allow user ones")
    assert done.stdout.strip() == "-1"


@pytest.mark.parametrize(
    "code",
    [
        "open(canary, 'w')",
        "open(canary, 'r+b')",
        "os.open(canary, os.O_WRONLY)",
        "os.remove(canary)",
        "os.rename(canary, canary + '.gone')",
        "os.truncate(canary, 0)",
        "os.chmod(canary, 0)",
        "os.mkdir(canary + '.d')",
        "os.system('rm ' + canary)",
        "subprocess.run(['rm', canary])",
        "os.execv('/bin/rm', ['rm', canary])",
        "os.posix_spawn('/bin/rm', ['rm', canary], {})",
        "os.kill(os.getppid(), 9)",
        "os.fork()",
    ],
)
def test_a_child_cannot_write_delete_or_start_anything(code, tmp_path):
    canary = tmp_path / "canary"
    canary.write_text("sings")

    done = confined(code, canary=str(canary))

    assert "PermissionError" in done.stderr
    assert canary.read_text() == "sings"
    assert list(tmp_path.iterdir()) == [canary]


def test_a_child_has_limits_that_it_cannot_raise():
    code = (
        "import json\n"
        "names = ('AS', 'CPU', 'FSIZE', 'NOFILE', 'CORE', 'NPROC')\n"
        "limits = {n: resource.getrlimit(getattr(resource, 'RLIMIT_' + n)) for n in names}\n"
        "print(json.dumps(limits))"
    )

    limits = json.loads(confined(code).stdout)

    assert limits == {
        "AS": [1 << 30] * 2,
        "CPU": [5, 5],
        "FSIZE": [20_000_000] * 2,
        "NOFILE": [32, 32],
        "CORE": [0, 0],
        "NPROC": [0, 0],
    }


def test_behind_the_wall_no_file_of_ours_can_be_seen(tmp_path):
    sandbox._wrapper.cache_clear()
    wall = sandbox._wrapper()
    if not wall:
        pytest.skip("bubblewrap does not work here: apt-get install bubblewrap")
    (tmp_path / "canary").touch()
    code = (
        "import os, sys, socket\n"
        "print([os.path.exists(path) for path in sys.argv[1:]], socket.if_nameindex())"
    )

    done = subprocess.run(  # noqa: S603 - our own code
        [
            *wall,
            sys.executable,
            "-I",
            "-c",
            code,
            str(tmp_path / "canary"),
            "/etc/passwd",
            "/proc/1",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[False, False, False] [(1, 'lo')]"


@TESSERACT
def test_a_scan_is_read_in_the_sandbox(test_data: Path):
    data = (test_data / "wild/scan-francais.pdf").read_bytes()

    document = sandbox.extract("pdf", data, "a.pdf")

    assert document.read_by_machine
    assert "qui fume sur son" in document.text


@TESSERACT
def test_a_scan_is_read_without_bubblewrap_too(monkeypatch, tmp_path, test_data: Path):
    (tmp_path / "tesseract").symlink_to(shutil.which("tesseract") or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox._wrapper.cache_clear()

    document = sandbox.extract("pdf", (test_data / "wild/scan-francais.pdf").read_bytes(), "a.pdf")

    sandbox._wrapper.cache_clear()
    assert "qui fume sur son" in document.text


def test_without_tesseract_a_scan_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "")

    assert "install Tesseract on the server" in refusal("pdf", pdfs.scan())


READ = {
    "arabic-rtl.pdf": "habibi",
    "arabic-rtl-rotated.pdf": "habibi",
    "google-doc-export.pdf": "Namespaces are one honking great idea",
    "libreoffice-form.pdf": "First Name | Alice",
    "pdf-deep-attachments.pdf": "a",
    "pdf-permissions-protected.pdf": "These similarities are no coincidence.",
    "pdf-triple-language-title.pdf": "Hello World",
}
SCANNED = {
    "acroform.pdf": "Covfefe is a perfectly cromulent word.",
    "enormous-page.pdf": "pixels at 300 DPI",
    "font-no-unicode-map.pdf": "Phone",
    "scan-francais.pdf": "Portez ce vieux whisky",
    "scan-rotated-skew.pdf": "The LinnSequencer",
    "scan-skew.pdf": "The LinnSequencer",
    "type3-font-no-map.pdf": "",
}


def test_wild_files_are_read_read_by_machine_or_refused(test_data: Path):
    for file in sorted((test_data / "wild").glob("*.pdf")):
        data = file.read_bytes()
        name = gate.check(file.name, data)
        if file.name == "blank-page.pdf":
            assert "its pages are empty" in refusal(name, data, file.name)
        elif file.name in READ:
            assert READ[file.name] in sandbox.extract(name, data, file.name).text
        elif scan.program():
            assert SCANNED[file.name] in sandbox.extract(name, data, file.name).text
        else:
            assert "install Tesseract" in refusal(name, data, file.name)
