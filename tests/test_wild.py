"""Real awkward files go the whole road, from being sent in to a draft or a refusal in words.

What is expected of each was written down after it was looked at, beside what the manifest of the
collection says (``expected_handling``).
"""

import json
from dataclasses import dataclass

import pytest

from kb.formats import scan
from kb.library import open_library
from kb.settings import Settings

TESSERACT = scan.program()


@dataclass(frozen=True)
class Fate:
    """What becomes of a file: a word of the text of its draft, or of why it is refused."""

    state: str
    word: str = ""
    never: str = ""
    """What is in the file and must not be in its text."""
    remark: str = ""
    """A word of what its contributor is told besides."""


def draft(word="", never="", remark=""):
    return Fate("draft", word, never, remark)


def refused(word):
    return Fate("refused", word)


def scanned(word=""):
    if TESSERACT:
        return draft(word, remark="read by machine")
    return refused("install Tesseract")


FATES = {
    "acroform.pdf": scanned("perfectly cromulent word"),
    "arabic-rtl-rotated.pdf": draft("habibi", remark="could not be made out"),
    "arabic-rtl.pdf": draft("habibi", remark="could not be made out"),
    "blank-page.pdf": refused("holds no text: its pages are empty"),
    "docx-encrypted.docx": refused("is encrypted; upload an unlocked copy"),
    "docx-external-picture.docx": refused("holds no text; its pictures are not read"),
    "docx-footnotes.docx": draft("A tachyon walks into a bar."),
    "docx-form-footnotes.docx": draft("VISA APPLICATION FORM", remark="1 picture was left out"),
    "docx-images.docx": refused("holds no text; its pictures are not read"),
    "docx-nested-tables.docx": refused("holds no text"),
    "docx-paras-and-tables.docx": draft("Text before\n\nTable\n\nBetween\n\nText after"),
    "docx-tracked-changes.docx": draft("Change Tracking ON"),
    "docx-utf8-bom-xml.docx": draft("This XML has a byte order mark.", never="\ufeff"),
    "enormous-page.pdf": scanned("9000x9000 pixels at 300 DPI"),
    "font-no-unicode-map.pdf": scanned("Phone"),
    "google-doc-export.pdf": draft("Beautiful is better than ugly."),
    "html-arabic-wrong-charset.html": draft("في قرية من القرى", remark="encoding was guessed"),
    "html-script-data-uri.html": draft("some content", never="script"),
    "html-utf16le.html": draft("This is a sample text", never="\0"),
    "libreoffice-form.odt": draft("First Name Alice"),
    "libreoffice-form.pdf": draft("First Name | Alice", remark="fields of the form"),
    "odt-encrypted.odt": refused("is encrypted; upload an unlocked copy"),
    "pdf-deep-attachments.pdf": draft("a", remark="20 attached files were not read"),
    "pdf-permissions-protected.pdf": draft("RETHINKING THE FINANCIAL NETWORK"),
    "pdf-triple-language-title.pdf": draft("Hello World"),
    "rtf-cp1250.rtf": draft("zażółć gęślą jaźń"),
    "rtf-japanese.rtf": draft("ゾルゲと尾崎、淡々と最期"),
    "saved-page-firefox.mhtml": draft("a Java framework for getting data", never="MIME-Version"),
    "scan-francais.pdf": scanned("Portez ce vieux whisky"),
    "scan-rotated-skew.pdf": scanned("The LinnSequencer"),
    "scan-skew.pdf": scanned("The LinnSequencer"),
    "tika-ocr-image-in-docx.docx": draft("This is some text.", remark="1 picture was left out"),
    "txt-russian-cp866.txt": draft("Однажды, в студеную зимнюю пору"),
    "txt-win1252.txt": draft("“windows” encoding"),
    "type3-font-no-map.pdf": scanned(),
    "zip-corrupt-oom.zip": refused("unpack it, and upload the files in it"),
}


@pytest.fixture(scope="module")
def told(test_data, tmp_path_factory):
    """Send in every file, read them all as the worker does, and give what is told of each."""
    library = open_library(Settings(data=tmp_path_factory.mktemp("wild"), encoder="off"))
    ana = library.accounts.create("ana@example.org", "contributor", "Ana")
    work = library.contributing
    sent = {
        file: work.receive(ana, file, (test_data / "wild" / file).read_bytes()).id for file in FATES
    }
    while work.read_next():
        pass
    yield {file: work.sent(ana, upload) for file, upload in sent.items()}
    library.close()


def test_all_files_of_the_collection_are_here(test_data):
    manifest = json.loads((test_data / "wild/manifest.json").read_text(encoding="utf-8"))

    assert {row["file"] for row in manifest} == FATES.keys()


@pytest.mark.parametrize("file", FATES)
def test_a_real_file_ends_as_it_should(told, file):
    upload, fate = told[file].upload, FATES[file]

    assert upload.state == fate.state, upload.reason
    if fate.state == "refused":
        assert fate.word in upload.reason
        assert told[file].drafts == ()
        return
    (made,) = told[file].drafts
    text = made.document.text
    assert fate.word in text
    assert not fate.never or fate.never not in text
    assert fate.remark in upload.reason
    assert made.document.read_by_machine == ("read by machine" in fate.remark)


@pytest.mark.parametrize("file", FATES)
def test_every_value_has_a_passage_that_stands_in_the_text(told, file):
    for made in told[file].drafts:
        receipts = {receipt.field.split(".")[0] for receipt in made.receipts}
        assert receipts == made.values.keys() - {"body"}
        for receipt in made.receipts:
            assert made.document.text[receipt.start : receipt.end] == receipt.passage
