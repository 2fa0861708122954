"""PDF files written by hand, small enough to be read, and those that do harm."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Put:
    """A line of text on a page of 595 by 842 points; ``width`` stretches it."""

    x: float
    y: float
    text: str
    size: float = 11
    bold: bool = False


def paragraph(*lines: str, y: float = 700, x: float = 72, lead: float = 14) -> list[Put]:
    """Lines one beneath the other."""
    return [Put(x, y - number * lead, line) for number, line in enumerate(lines)]


def pdf(
    *pages: Sequence[Put] | None,
    catalog: str = "",
    info: Mapping[str, str] | None = None,
    rotate: int = 0,
) -> bytes:
    """Write pages of Helvetica and Helvetica Bold in Windows-1252; None is a page of pictures."""
    contents = [_SQUARE if page is None else b"".join(map(_shown, page)) for page in pages]
    return _paged(contents, catalog, info, rotate)


def turned(degrees: int, *lines: str, rotate: int = 0) -> bytes:
    """Write a page whose lines are turned against the clock, the page itself with it."""
    place = {
        90: lambda y: f"0 1 -1 0 {y} 72",
        180: lambda y: f"-1 0 0 -1 500 {y}",
        270: lambda y: f"0 -1 1 0 {700 - y} 700",
    }[degrees]
    shown = [
        f"BT /F 11 Tf {place(100 + 14 * number)} Tm ({line}) Tj ET\n".encode()
        for number, line in enumerate(lines)
    ]
    return _paged([b"".join(shown)], rotate=rotate)


def _paged(
    contents: Sequence[bytes],
    catalog: str = "",
    info: Mapping[str, str] | None = None,
    rotate: int = 0,
) -> bytes:
    objects = [
        f"<</Type/Catalog/Pages 2 0 R {catalog}>>".encode(),
        f"<</Type/Pages/Count {len(contents)}/Kids[{_kids(6, len(contents))}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
        stream(
            b"\x80",
            "/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray",
        ),
    ]
    for place, content in enumerate(contents):
        objects += [_page(7 + 2 * place, rotate), stream(content)]
    return written(objects, info=info)


def scan(pages: int = 1) -> bytes:
    """Write pages that hold nothing but a grey square."""
    return pdf(*[None] * pages)


def stream(content: bytes, entries: str = "") -> bytes:
    return f"<<{entries}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"


def written(
    objects: Iterable[bytes], *, info: Mapping[str, str] | None = None, trailer: str = ""
) -> bytes:
    """Put objects, numbered from 1, into a file with its table."""
    objects = list(objects)
    if info:
        entries = "".join(f"/{key}({value})" for key, value in info.items())
        objects.append(f"<<{entries}>>".encode())
        trailer += f"/Info {len(objects)} 0 R"
    parts, places, size = [b"%PDF-1.7\n"], [], 9
    for number, content in enumerate(objects, 1):
        places.append(size)
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, content))
        size += len(parts[-1])
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table))
    parts.append(f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\n".encode())
    parts.append(b"startxref\n%d\n%%%%EOF\n" % size)
    return b"".join(parts)


def encrypted(text: str, *, user: bytes, owner: bytes = b"owner") -> bytes:
    """Encrypt a page by the first revision of the standard (RC4, 40 bits)."""
    permissions = -4
    number = permissions.to_bytes(4, "little", signed=True)
    name = b"0123456789abcdef"
    hidden = _rc4(_md5(_padded(owner))[:5], _padded(user))
    key = _md5(_padded(user) + hidden + number + name)[:5]
    content = _rc4(_md5(key + b"\x06\0\0\0\0")[:10], _shown(Put(72, 700, text)))
    return written(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[5 0 R]>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
            _page(6, 0, "/Font<</F 3 0 R>>"),
            stream(content),
        ],
        trailer=f"/ID[<{name.hex()}><{name.hex()}>]/Encrypt<</Filter/Standard/V 1/R 2"
        f"/P {permissions}/O<{hidden.hex()}>/U<{_rc4(key, _PADDING).hex()}>>>",
    )


def form(*fields: tuple[str, str, str]) -> bytes:
    """Write a form of fields: name, type (Tx or Btn), value."""
    kids = _kids(7, len(fields), 1)
    objects = [
        f"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{kids}]>>>>".encode(),
        b"<</Type/Pages/Count 1/Kids[5 0 R]>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"null",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
        f"/Contents 6 0 R/Annots[{kids}]>>".encode(),
        stream(_shown(Put(72, 700, "Please fill in this form"))),
    ]
    for name, kind, value in fields:
        given = f"/V({value})" if kind == "Tx" else f"/V/{value}/AS/{value}/AP<</N<</Yes 6 0 R>>>>"
        widget = f"/Type/Annot/Subtype/Widget/Rect[72 600 200 620]/FT/{kind}/T({name})"
        objects.append(f"<<{widget}{given}>>".encode())
    return written(objects)


def many_pages(count: int) -> bytes:
    return written(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            f"<</Type/Pages/MediaBox[0 0 9 9]/Count {count}/Kids[{_kids(3, count, 1)}]>>".encode(),
            *[b"<</Type/Page/Parent 2 0 R>>"] * count,
        ]
    )


def double_flate(size_bytes: int) -> bytes:
    """Compress a page twice, so that two kilobytes unpack to as much as is asked for."""
    packer = zlib.compressobj(1)
    chunk = b"0 0 m " * 200_000
    once = b"".join(packer.compress(chunk) for _ in range(size_bytes // len(chunk)))
    twice = zlib.compress(once + packer.flush())
    return _one_page(stream(twice, "/Filter[/FlateDecode/FlateDecode]"))


def nested_forms(levels: int = 8, each: int = 10) -> bytes:
    """Write forms that show the next one ten times each."""
    calls = b"/X Do " * each
    forms = [
        stream(
            calls,
            f"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {next_} 0 R>>>>",
        )
        for next_ in range(6, 5 + levels)
    ]
    last = stream(b"BT /F 9 Tf (bomb) Tj ET", _FORM)
    return _one_page(stream(calls), "/XObject<</X 5 0 R>>", [*forms, last])


def _one_page(content: bytes, resources: str = "", more: Sequence[bytes] = ()) -> bytes:
    return written(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            f"/Resources<<{resources}>>>>".encode(),
            content,
            *more,
        ]
    )


def _page(content: int, rotate: int, resources: str = "") -> bytes:
    resources = resources or "/Font<</F 3 0 R/B 4 0 R>>/XObject<</I 5 0 R>>"
    return (
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Rotate {rotate}"
        f"/Resources<<{resources}>>/Contents {content} 0 R>>"
    ).encode()


def _shown(put: Put) -> bytes:
    font = "B" if put.bold else "F"
    text = put.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(")
    text = text.replace(b")", b"\\)")
    return f"BT /{font} {put.size} Tf {put.x} {put.y} Td (".encode() + text + b") Tj ET\n"


def _kids(first: int, count: int, step: int = 2) -> str:
    return " ".join(f"{first + step * place} 0 R" for place in range(count))


def _padded(password: bytes) -> bytes:
    return (password + _PADDING)[:32]


def _md5(text: bytes) -> bytes:
    return hashlib.md5(text, usedforsecurity=False).digest()


def _rc4(key: bytes, text: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    found = bytearray()
    for byte in text:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        found.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(found)


_FORM = "/Type/XObject/Subtype/Form/BBox[0 0 9 9]"
_SQUARE = b"q 400 0 0 600 90 90 cm /I Do Q"
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
"""Of ISO 32000-1, algorithm 2."""
