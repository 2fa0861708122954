import stat
import struct
import time
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, strategies

from kb.errors import RefusedFileError
from kb.formats import FORMATS
from kb.intake import gate
from tests.kb import pdfs, zips

PDF = pdfs.pdf(pdfs.paragraph("Text."))
RTF = rb"{\rtf1\ansi Text.}"
HTML = b"<!doctype html><p>Text.</p>"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
SUFFIXES = {suffix: row.name for row in FORMATS.values() for suffix in row.suffixes}
MEGABYTE = 1_000_000
WIDE = b"".join(bytes(range(n, 256)) + bytes(n) for n in range(256)) * 16
"""A megabyte that packs to less than the twentieth part."""


def refusal(file: str, data: bytes) -> str:
    with pytest.raises(RefusedFileError) as refused:
        gate.check(file, data)
    assert all(p.file == file and p.message and p.remedy for p in refused.value.problems)
    return str(refused.value)


def outcome(file: str, data: bytes) -> str:
    try:
        return gate.check(file, data)
    except RefusedFileError:
        return "refused"


@pytest.mark.parametrize(
    ("file", "data", "name"),
    [
        ("a.pdf", PDF, "pdf"),
        ("A.PDF", PDF, "pdf"),
        ("www.example.com.v2.pdf", PDF, "pdf"),
        ("a.docx", zips.docx(), "docx"),
        ("a.docx", zips.archive({"[Content_Types].xml": b"<a/>", "word/document2.xml": b"<a/>"}),
         "docx"),
        ("a.odt", zips.odt(), "odt"),
        ("a.xlsx", zips.xlsx(), "xlsx"),
        ("a.rtf", RTF, "rtf"),
        ("a.rtf", RTF + b"\r\n\0", "rtf"),
        ("a.html", HTML, "html"),
        ("a.mhtml", b"From: a\r\nMIME-Version: 1.0\r\n\r\n", "html"),
        ("a.htm", "\ufeff<html>é".encode("utf-16-le"), "html"),
        ("a.md", b"<!-- note -->\n# Title <em>of</em> it", "markdown"),
        ("a.markdown", b"<div>allowed</div>", "markdown"),
        ("a.txt", "Räksmörgås".encode("cp1252"), "text"),
        ("a.txt", "\ufeffText".encode("utf-16-be"), "text"),
        ("a.csv", b"title;city\nA;B\n", "csv"),
        ("a.jsonl", b'{"title": "A"}\n', "jsonl"),
        ("MZ.txt", b"MZ is how it begins", "text"),
    ],
)  # fmt: skip
def test_files_are_known_by_name_and_content(file, data, name):
    assert gate.check(file, data) == name


@pytest.mark.parametrize(
    ("file", "remedy"),
    [
        ("a.doc", "save it as .docx"),
        ("a.docm", "leaves the macros out"),
        ("a.pdf.exe", "save it as one of .csv"),
        ("a.zip", "unpack it"),
        ("a.jpg", "scan it to .pdf"),
        ("a", "files ending in nothing"),
        ("exe.pdf\u202e/a.svg", "files ending in .svg"),
    ],
)
def test_other_endings_are_refused_with_what_to_do(file, remedy):
    assert remedy in refusal(file, PDF)


REMEDIES = {
    "doc": "save it as .docx", "docm": "leaves the macros out", "dotx": "save it as .docx",
    "epub": "as .docx or .html", "ods": "as .xlsx or .csv", "pages": "export it from Pages",
    "ppt": "export it as .pdf", "pptx": "export it as .pdf", "xls": "save it as .xlsx;",
    "xlsm": ".xlsx, which leaves the macros out", "zip": "unpack it",
    **dict.fromkeys(("jpg", "jpeg", "png", "tif", "tiff"), "scan it to .pdf"),
}  # fmt: skip


@pytest.mark.parametrize("suffix", REMEDIES)
def test_every_common_ending_has_a_remedy_of_its_own(suffix):
    assert REMEDIES[suffix] in refusal(f"a.{suffix}", PDF) + ";"


@pytest.mark.parametrize("tag", ["!doctype", "html", "head", "body", "script", "svg", "?xml"])
def test_text_that_begins_as_markup_is_none(tag):
    assert "is markup" in refusal("a.txt", f"\n<!--\n-->\n <{tag.upper()} x>".encode())
    assert gate.check("a.txt", f"Before it <{tag}>".encode()) == "text"
    assert gate.check("a.txt", f"<{tag}s of mine".encode()) == "text"


HTML_TAGS = [
    "!doctype", "a", "article", "b", "body", "br", "div", "h1", "h2", "h6", "head", "html", "i",
    "li", "main", "meta", "ol", "p", "pre", "section", "span", "strong", "table", "title", "ul",
]  # fmt: skip


@pytest.mark.parametrize("tag", HTML_TAGS)
def test_one_tag_makes_html(tag):
    assert gate.check("a.html", f"Text\n<{tag.upper()}>".encode()) == "html"
    assert "has no tags" in refusal("a.html", f"Text <{tag}x".encode())


def test_a_comment_makes_html_and_a_header_within_a_line_does_not():
    assert gate.check("a.html", b"<!-- saved from a page -->") == "html"
    assert "has no tags" in refusal("a.html", b"x MIME-Version: 1.0")


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (b"%PDF-", "a PDF"), (b"PK\x03\x04", "a ZIP archive"), (b"{\\rtf", "RTF"),
        (b"\xd0\xcf\x11\xe0", "an old or an encrypted office file"), (b"\x7fELF", "a program"),
        (b"MZ\0", "a program"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"), (b"\0\0\0", "something else"),
    ],
)  # fmt: skip
def test_what_a_file_is_instead_is_said(start, found):
    instead = "a.rtf" if found == "a PDF" else "a.pdf"

    assert f"by its content it is {found}" in refusal(instead, start + bytes(300))
    if found != "something else":
        assert f"is {found}" in refusal("a.txt", start + bytes(300))


def test_limits_are_where_they_are_said_to_be():
    end, zip_end = b"%%EOF", b"PK\x05\x06"
    room = 2_048 - len(end)
    assert gate.check("a.pdf", b"%PDF-" + end + b" " * room) == "pdf"
    assert "is cut off" in refusal("a.pdf", b"%PDF-" + end + b" " * (room + 1))

    room = 65_536 + 22 - len(zip_end) - len(end)
    assert "at once" in refusal("a.pdf", b"%PDF-" + zip_end + b" " * room + end)
    assert gate.check("a.pdf", b"%PDF-" + zip_end + b" " * (room + 1) + end) == "pdf"

    assert "is markup" in refusal("a.txt", b" " * (65_536 - 5) + b"<html>")
    assert gate.check("a.txt", b" " * (65_536 - 4) + b"<html>") == "text"

    assert gate.check("a.txt", b"a" * 20_000_000) == "text"
    assert gate.check("a.txt", b"MZ" + b" " * 254 + b"a") == "text"
    assert "a program" in refusal("a.txt", b"MZ" + b" " * 253 + b"\0")
    assert "holds the character NUL" in refusal("a.txt", b"MZ" + b" " * 254 + b"\0")


@pytest.mark.parametrize(
    ("file", "data", "remedy"),
    [
        ("a.txt", b"", "upload the file once more"),
        ("a.txt", b"a" * 20_000_001, "split it, or make its pictures small"),
        ("a.pdf", PDF[:-20], "a PDF ends with %%EOF; upload the whole file"),
        ("a.odt", zips.archive({"a.txt": b"x"}), "is another kind of archive; save it anew"),
        ("a.odt", zips.docx(), "is no ODT: it is a Word file; give it the ending .docx"),
        ("a.docx", zips.odt(), "is no DOCX: it is an OpenDocument text; give it the ending .odt"),
        ("a.docx", OLE, "by its content; save it as .docx or .xlsx"),
        ("a.pdf", RTF, "is no PDF: by its content it is RTF; give it the ending it had"),
        ("a.rtf", PDF, "is no RTF: by its content it is a PDF"),
        ("a", PDF, "save it as one of .csv, .docx, .htm"),
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_with_what_to_do(file, data, remedy):
    assert remedy in refusal(file, data)


@pytest.mark.parametrize(
    ("file", "data", "reason"),
    [
        ("a.pdf", b"MZ\x90\0" + bytes(60), "is no PDF: by its content it is a program"),
        ("a.pdf", b"\n" + PDF, "is no"),
        ("a.pdf", zips.docx(), "a ZIP archive or an office file"),
        ("a.pdf", PDF[:-20], "is cut off"),
        ("a.pdf", PDF + bytes(3000), "is cut off"),
        ("a.pdf", PDF + zips.docx() + b"%%EOF", "a PDF and a ZIP archive at once"),
        ("a.docx", PDF, "is no DOCX: by its content it is a PDF"),
        ("a.docx", b"MZ\0" + zips.docx(), "a program"),
        ("a.docx", b"%PDF-1.7\n" + zips.docx(), "a PDF"),
        ("a.docx", zips.docx() + b"%PDF-1.7 %%EOF", "is damaged"),
        ("a.docx", zips.xlsx(), "it is an Excel workbook; give it the ending .xlsx"),
        ("a.xlsx", zips.odt(), "it is an OpenDocument text"),
        ("a.odt", zips.archive({"a.txt": b"x"}), "another kind of archive"),
        ("a.docx", OLE, "is an old office file"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "is encrypted"),
        ("a.rtf", HTML, "is no RTF"),
        ("a.rtf", RTF + b"\0}", "NUL"),
        ("a.html", b"Only words.", "has no tags"),
        ("a.html", PDF, "is a PDF by its content"),
        ("a.txt", HTML, "is markup by its content"),
        ("a.txt", b"  <!-- a --> <!-- b -->\n<script>alert(1)</script>", "is markup"),
        ("a.txt", "\ufeff<html>".encode("utf-16-le"), "is markup"),
        ("a.txt", b"\xef\xbb\xbf<HTML>", "is markup"),
        ("a.md", SVG, "is markup by its content, HTML or SVG, and not markdown"),
        ("a.md", SVG.partition(b"\n")[2], "is markup"),
        ("a.csv", zips.xlsx(), "is a ZIP archive or an office file by its content"),
        ("a.jsonl", PNG, "is a picture by its content"),
        ("a.txt", b"text\0text", "holds the character NUL"),
        ("a.txt", b"\x7fELF", "is a program"),
        ("a.txt", b"", "the file is empty"),
        ("a.txt", b"a" * 20_000_001, "more than 20 MB"),
    ],
)  # fmt: skip
def test_content_that_is_not_what_the_name_says_is_refused(file, data, reason):
    assert reason in refusal(file, data)


def make_link(info: zipfile.ZipInfo) -> None:
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16


def make_encrypted(info: zipfile.ZipInfo) -> None:
    info.flag_bits |= 1


def make_lzma(info: zipfile.ZipInfo) -> None:
    info.compress_type = zipfile.ZIP_LZMA


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zips.docx({"word/vbaProject.bin": b"x"}), "holds a macro"),
        (zips.odt({"Basic/Standard/Module1.xml": b"<a/>"}), "holds a macro"),
        (zips.odt({"Scripts/python/a.py": b"x"}), "holds a macro"),
        (zips.docx({"word/embeddings/oleObject1.bin": b"x"}), "holds an embedded object"),
        (zips.docx({"word/embeddings/a.docm": b"PK"}), "holds an embedded object"),
        (zips.docx({"word/embeddings/a.exe": b"MZ"}), "holds an embedded object"),
        (zips.docx({"word/embeddings/a.xlsx/b.exe": b"MZ"}), "holds an embedded object"),
        (zips.archive({"[Content_Types].xml": b"application/vnd.ms-office.vbaProject"}),
         "with macros"),
        (zips.archive({"[Content_Types].xml": "document.macroEnabled.main".encode("utf-16")}),
         "with macros"),
        (zips.archive({"[Content_Types].xml": b"vnd.ms-word.document.macroEnabled.main+xml"}),
         "with macros"),
        (zips.docx({"../../etc/passwd": b"x"}), "unsafe name"),
        (zips.docx({"/etc/passwd": b"x"}), "unsafe name"),
        (zips.docx({"C:evil": b"x"}), "unsafe name"),
        (zips.docx({"a\\..\\b": b"x"}), "unsafe name"),
        (zips.docx({"Word/Document.xml": b"<a/>"}), "two parts of one name"),
        (zips.with_info("a", make_link), "a link"),
        (zips.with_info("a", make_lzma), "packed in an unusual way"),
        (zips.docx({"a.xml": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a/>'}),
         "declares entities in 'a.xml'"),
        (zips.docx({"a.rels": " <!ENTITY b 'c'>".encode("utf-16")}), "declares entities"),
        (zips.docx({"a.xml": b" " * 65_530 + b"<!DOCTYPE a>"}), "declares entities"),
        (zips.odt({"META-INF/manifest.xml": b"<manifest:encryption-data/>"}), "is encrypted"),
        (zips.docx({"a.bin": WIDE * 31}), "unpacks to more than 30 MB"),
        (zips.docx({f"{n}.bin": WIDE * 28 for n in range(4)}), "unpacks to more than 100 MB"),
        (zips.docx({"a.bin": bytes(2 * MEGABYTE)}), "packed more than 200 to one"),
        (zips.docx(body=b"<w:p/>" * 400_000), "packed more than 200 to one"),
        (zips.many(100_000), "has more than 2,000 parts"),
        (zips.many(2_001), "has more than 2,000 parts"),
        (zips.lying(10, b"<a>" * 1000), "is damaged"),
        (zips.lying(2**31, b"<a>" * 1000), "is damaged"),
        (zips.docx()[:-30], "is damaged"),
        (zips.docx() + b"more", "is damaged"),
    ],
)  # fmt: skip
def test_archives_that_could_do_harm_are_refused_at_once(data, reason):
    start = time.perf_counter()

    file = "a.odt" if zips.MIMETYPE in data else "a.docx"
    assert reason in refusal(file, data)
    assert time.perf_counter() - start < 1


def test_the_table_of_a_chart_is_no_harm():
    assert gate.check(
        "a.docx", zips.docx({"word/embeddings/": b"", "word/embeddings/a.xlsx": b"PK"})
    )


def test_an_encrypted_part_is_refused():
    data = bytearray(zips.docx({"a.bin": b"secret"}))
    data[data.rindex(b"a.bin") - 46 + 8] |= 1

    assert "has an encrypted part" in refusal("a.docx", bytes(data))


def test_a_name_with_nul_is_refused():
    data = zips.docx({"word/vbaZ.bin": b"x"}).replace(b"word/vbaZ.bin", b"word/vba\0.bin")

    assert "unsafe name" in refusal("a.docx", data)


def test_a_directory_that_hides_its_length_is_refused():
    many = zips.many(3_000)
    data = many[:-22] + zips.end(1, *struct.unpack("<2L", many[-10:-2]))

    assert "has more than 2,000 parts" in refusal("a.docx", data)


def test_a_bad_checksum_is_refused():
    data = bytearray(zips.archive({"mimetype": zips.MIMETYPE, "content.xml": b"<office/>"}))
    data[data.index(zips.MIMETYPE)] ^= 1

    assert "is damaged" in refusal("a.odt", bytes(data))


@pytest.mark.parametrize(
    ("given_name", "clean"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\report.pdf", "report.pdf"),
        ("evil\u202etxt.exe", "eviltxt.exe"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("A\u030angstro\u0308m.pdf", "Ångström.pdf"),
        ("a\u2066b\u2069\u200b\x00.pdf", "ab.pdf"),
        ("report.pdf . ", "report.pdf"),
        ("..", "file"),
        ("", "file"),
        ("ä" * 5000 + ".pdf", "ä" * 125 + ".pdf"),
        ("\ud800a.pdf", "a.pdf"),
        ("e\0\u0301.pdf", "é.pdf"),
        ("a" * 254 + " b", "a" * 254),
        ("a" * 300, "a" * 255),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("a" * 300 + ".pdf . ", "a" * 251 + ".pdf"),
        ("a." + "b" * 19, "a." + "b" * 19),
        ("a" * 300 + "." + "b" * 19, "a" * 235 + "." + "b" * 19),
        ("a" * 300 + "." + "b" * 20, "a" * 255),
        (" a \t b .pdf", "a b .pdf"),
        ("\ue000\U000e0fffa.pdf", "a.pdf"),
        *(
            (f"a{mark}b.pdf", "ab.pdf")
            for mark in "\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff"
        ),
    ],
)
def test_names_are_cleaned(given_name, clean):
    assert gate.clean_name(given_name) == clean


@given(strategies.text(max_size=300))
def test_a_clean_name_is_short_composed_and_stays_as_it_is(name):
    clean = gate.clean_name(name)

    assert 0 < len(clean.encode()) <= 255
    assert not set(clean) & set("/\\\r\n\0\u202e\u2066")
    assert unicodedata.is_normalized("NFC", clean)
    assert gate.clean_name(clean) == clean


SAMPLES = {
    "a.pdf": PDF,
    "a.docx": zips.docx({"word/styles.xml": b"<a/>" * 99}),
    "a.odt": zips.odt(),
    "a.xlsx": zips.xlsx(),
    "a.rtf": RTF,
    "a.html": HTML,
    "a.txt": b"Text.",
}


@given(
    strategies.sampled_from(sorted(SAMPLES)),
    strategies.lists(
        strategies.tuples(strategies.integers(0, 5000), strategies.binary(max_size=6)), max_size=4
    ),
    strategies.booleans(),
)
def test_damaged_files_are_let_in_or_refused_and_nothing_else(file, changes, cut):
    data = bytearray(SAMPLES[file])
    for anywhere, written in changes:
        place = anywhere % max(1, len(data))
        data[place : place + (0 if cut else len(written))] = written

    assert outcome(file, bytes(data)) in {SUFFIXES[Path(file).suffix], "refused"}


@given(strategies.sampled_from(sorted(SUFFIXES)), strategies.binary(max_size=300))
def test_any_bytes_are_let_in_or_refused(suffix, data):
    assert outcome(f"a{suffix}", data) in {SUFFIXES[suffix], "refused"}


def test_comments_without_end_take_no_time():
    start = time.perf_counter()

    gate.check("a.md", b"<!-- -->" * 8_000 + b"<!--" * 8_000)

    assert time.perf_counter() - start < 0.5


WILD_REFUSED = {
    "docx-encrypted.docx": "is encrypted; upload an unlocked copy",
    "odt-encrypted.odt": "is encrypted; upload an unlocked copy",
    "zip-corrupt-oom.zip": "files ending in .zip are not read; unpack it",
}


def test_wild_files_pass_or_are_refused_for_a_reason(test_data: Path):
    for file in sorted((test_data / "wild").iterdir()):
        if file.name in WILD_REFUSED:
            assert WILD_REFUSED[file.name] in refusal(file.name, file.read_bytes())
        elif file.name != "manifest.json":
            assert gate.check(file.name, file.read_bytes()) == SUFFIXES[file.suffix]


def test_a_broken_archive_that_asked_for_much_memory_is_damaged(test_data: Path):
    data = (test_data / "wild/zip-corrupt-oom.zip").read_bytes()

    assert "is damaged" in refusal("a.docx", data)
