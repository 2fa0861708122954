"""A site that gives its records by OAI-PMH 2.0: every page of a list, whatever it sends.

A list ends for certain: a token that comes twice, or pages on which nothing is new, are a fault of
the other site and are said to be one.
"""

from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

from kb.errors import PeerError, RefusedFileError
from kb.formats.txt import slug
from kb.formats.xml_parts import Element, local, parsed
from kb.peers import LONGEST_IDENTIFIER, Foreign, calling, dublin, rich

MOST_RECORDS = 1_000_000
_STALE_PAGES = 3
"""So many pages in a row may tell only what was told; what changes meanwhile is told again."""
_NS = "{http://www.openarchives.org/OAI/2.0/}"
_USUAL = "oai_dc"
_TO_THE_DAY = 10
_LONGEST_NAME = 100
_READERS = {rich.TAG: rich.read, dublin.TAG: dublin.read}


class Repository:
    """A site that speaks OAI-PMH."""

    def __init__(self, address: str, prefix: str = "", set_name: str = "") -> None:
        """Ask it who it is.

        Raises:
            PeerError: it does not answer in the protocol, or has no format that we read.
        """
        self.source = address.partition("?")[0]
        told = self._ask(verb="Identify")
        name = _text(told, "Identify", "repositoryName") or urlsplit(address).hostname or address
        self.site = " ".join(name.split())[:_LONGEST_NAME]
        self._by_day = len(_text(told, "Identify", "granularity")) == _TO_THE_DAY
        self.set = set_name
        self.format = prefix or self._best()
        self.asked = ""

    def records(self, since: str) -> Iterator[Foreign]:
        """Yield the records that have changed since, deleted ones too, in the order of the site."""
        given = {"metadataPrefix": self.format}
        given |= {"set": self.set} if self.set else {}
        given |= {"from": self._dated(since)} if since else {}
        tokens: set[str] = set()
        seen: set[str] = set()
        stale = 0
        while True:
            page = self._ask(verb="ListRecords", **given)
            self.asked = self.asked or page.findtext(f"{_NS}responseDate", "").strip()
            before = len(seen)
            for element in page.iterfind(f"{_NS}ListRecords/{_NS}record"):
                record = self._record(element)
                seen.add(record.identifier)
                yield record
            token = page.findtext(f"{_NS}ListRecords/{_NS}resumptionToken", "").strip()
            if not token:
                return
            stale = stale + 1 if len(seen) == before else 0
            if token in tokens or stale == _STALE_PAGES or len(seen) > MOST_RECORDS:
                raise PeerError(
                    self.source, "sends a list without end", "tell its operator; try it with --set"
                )
            tokens.add(token)
            given = {"resumptionToken": token}

    def _record(self, element: Element) -> Foreign:
        from lxml import etree

        header = element.find(f"{_NS}header")
        identifier = _text(element, "header", "identifier")
        if header is None or not 0 < len(identifier) <= LONGEST_IDENTIFIER:
            raise PeerError(self.source, "sends a record without a usable identifier", _TELL)
        datestamp = _text(element, "header", "datestamp")
        if header.get("status") == "deleted":
            return Foreign(identifier, datestamp, deleted=True)
        told = next(element.iterfind(f"{_NS}metadata/*"), None)
        read = _READERS.get(told.tag) if told is not None else None
        if read is None:
            return Foreign(identifier, datestamp, refusal="is in a format that we do not read")
        file = f"{slug(identifier)[-100:].strip('-') or 'record'}.xml"
        return read(told, identifier, datestamp, file, etree.tostring(element, encoding="utf-8"))

    def _best(self) -> str:
        """Return the format that loses nothing, where the site has it."""
        told = self._ask(verb="ListMetadataFormats")
        for element in told.iter(f"{_NS}metadataFormat"):
            if element.findtext(f"{_NS}metadataNamespace", "").strip() == rich.NAMESPACE:
                return str(element.findtext(f"{_NS}metadataPrefix", "")).strip()
        return _USUAL

    def _dated(self, since: str) -> str:
        if self._by_day:
            return since[:_TO_THE_DAY]
        return since if len(since) > _TO_THE_DAY else f"{since}T00:00:00Z"

    def _ask(self, **given: str) -> Element:
        address = f"{self.source}?{urlencode(given)}"
        page = _page(calling.answer(address), self.source)
        for error in page.iterfind(f"{_NS}error"):
            if error.get("code") != "noRecordsMatch":
                said = f"{error.get('code', '')}: {(error.text or '').strip()[:200]}"
                raise PeerError(self.source, f"answers {said}", _CHECK)
        return page


def _page(content: bytes, source: str) -> Element:
    from lxml import etree

    try:
        root = parsed(content, source)
    except RefusedFileError as err:
        raise PeerError(source, err.problems[0].message, _TELL) from err
    except etree.XMLSyntaxError as err:
        raise PeerError(source, f"{_NO_ANSWER} (it begins {_begin(content)})", _CHECK) from err
    if root.tag != f"{_NS}OAI-PMH":
        raise PeerError(source, f"{_NO_ANSWER} (it is <{local(root)[:40]}>)", _CHECK)
    return root


def _begin(content: bytes) -> str:
    return repr(content[:40].decode("utf-8", "replace").strip())


def _text(element: Element, *names: str) -> str:
    return str(element.findtext("/".join(f"{_NS}{name}" for name in names), "")).strip()


_NO_ANSWER = "does not answer in OAI-PMH"
_CHECK = "check the address, the format and the set"
_TELL = "tell its operator"
