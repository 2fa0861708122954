"""The text of an RTF file, in reading order."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kb.document import Block
from kb.formats import rtf_words as words
from kb.formats.rtf_definitions import NO_FONT, Definitions, Table
from kb.formats.rtf_flow import Flow, joined
from kb.formats.rtf_tokens import Token, tokens


@dataclass(slots=True)
class _Group:
    """What holds until the next closing brace."""

    into: list[str] | None
    """Where text goes; None where it is none of the document."""
    around: list[str] | None = None
    """Where it went outside of a group that says the same twice."""
    table: Table = ""
    font: int = NO_FONT
    fallback: int = 1
    """How many letters after a Unicode one stand for it in old programs."""
    hidden: bool = False
    deleted: bool = False
    closing: Callable[[], None] | None = None


class Reader:
    """Reads one file, and remembers what it left out."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.locale = 0
        """Number of Windows for the language of text of which nothing else is said."""
        self._title: list[str] = []
        self._defined = Definitions()
        self._flows = [Flow(self._defined.ranks)]
        self._notes: list[Block] = []
        self._groups: list[_Group] = []
        self._group = _Group(None)
        self._raw = bytearray()
        self._skipped = 0
        self._starred = False
        self._on_number = self._numbered()
        self._on_switch = self._switched()
        """What ends where a 0 stands after it."""

    @property
    def title(self) -> str:
        """As the file's own description has it."""
        return joined(self._title)

    def blocks(self, data: bytes) -> list[Block]:
        """Return the blocks of a file; notes stand at the end."""
        for token in tokens(data):
            self._take(token)
            if not self._groups:
                break
        self.seen["cut"] += bool(self._groups)
        self._flush()
        while self._groups:
            self._close()
        return [*self._flows[0].finish(), *self._notes]

    def _take(self, token: Token) -> None:
        if token.raw:
            self._add(token.raw)
            return
        self._flush()
        if token.word:
            self._take_word(token.word, token.number)
            return
        self._skipped = 0
        if token.sign == "{":
            self._open()
        elif token.sign == "}":
            self._close()
        else:
            self._take_sign(token.sign)

    def _take_sign(self, sign: str) -> None:
        if sign == "\\*":
            self._starred = True
        elif sign in {"\\\r", "\\\n"}:
            self._on_flow(Flow.end_paragraph)
        else:
            self._write(words.SIGNS.get(sign[1:], ""))

    def _take_word(self, word: str, number: int | None) -> None:
        skipped, self._skipped = self._skipped, 0
        starred, self._starred = self._starred, False
        if word in words.LETTERS:
            self._skipped = max(skipped - 1, 0)
            self._write("" if skipped else words.LETTERS[word])
        elif word in words.SILENT or (starred and word not in words.KNOWN):
            self._silence(word)
        elif word in self._on_number:
            self._on_number[word](number or 0)
        elif word in self._on_switch:
            self._on_switch[word](number != 0)

    # Letters

    def _add(self, raw: bytes) -> None:
        skipped = min(self._skipped, len(raw))
        self._skipped -= skipped
        if self._group.into is not None:
            self._raw += raw[skipped:]

    def _flush(self) -> None:
        if self._raw:
            text = words.decoded(bytes(self._raw), self._defined.encoding_of(self._group.font))
            self.seen["letter"] += "\ufffd" in text
            self._raw.clear()
            self._write(text)

    def _write(self, text: str) -> None:
        group = self._group
        if group.into is None:
            return
        if (group.hidden or group.deleted) and not group.table:
            self.seen["tracked" if group.deleted else "hidden"] += bool(text.strip())
        else:
            group.into.append(text)

    def _unicode(self, number: int) -> None:
        self._write(chr(number % 0x10000))
        self._skipped = self._group.fallback

    # Groups

    def _open(self) -> None:
        self._starred = False
        self._groups.append(self._group)
        into = self._flows[0].run if len(self._groups) == 1 else self._group.into
        self._group = replace(self._group, into=into, closing=None)

    def _close(self) -> None:
        if self._group.closing:
            self._group.closing()
        if self._groups:
            self._group = self._groups.pop()

    def _silence(self, word: str) -> None:
        group = self._group
        if word in {"listtext", "pntext"}:
            self._flows[-1].marked = True
        self.seen["comment"] += word == "annotation"
        self.seen["embedded"] += word == "objdata"
        group.around = group.into if word == "upr" else None
        group.into = None

    def _picture(self, _number: int) -> None:
        self.seen["picture"] += self._group.into is not None
        self._group.into = None

    def _newer(self, _number: int) -> None:
        """Read the newer of two texts that say the same."""
        self._group.into = self._group.around

    def _titled(self, _number: int) -> None:
        if self._group.table == "info":
            self._title.clear()
            self._group.into = self._title
            self._group.font = NO_FONT

    def _aside(self, closing: Callable[[Flow], None]) -> None:
        """Read a note or text box apart from the text around it."""
        if self._group.into is None or self._group.closing:
            return
        flow = Flow(self._defined.ranks)
        self._flows.append(flow)
        self._group.into = flow.run
        self._group.closing = lambda: closing(self._flows.pop())

    def _note(self, flow: Flow) -> None:
        self._notes.extend(flow.finish())

    def _box(self, flow: Flow) -> None:
        self._flows[-1].boxes.extend(flow.finish())

    # Definitions, and what refers to them

    def _begin(self, table: Table) -> None:
        self._group.table = table
        self._group.into = None

    def _font(self, number: int) -> None:
        if self._group.table == "fonts":
            self._defined.begin_font(number)
        else:
            self._group.font = number

    def _style(self, number: int) -> None:
        if self._group.table != "styles":
            self._on_flow(lambda flow: flow.style(number))
            return
        self._defined.begin_style(number)
        self._group.into = self._defined.name
        self._group.closing = self._defined.end_style

    def _outline(self, number: int) -> None:
        if self._group.table == "styles":
            self._defined.outline(number)
        else:
            self._on_flow(lambda flow: flow.outline(number))

    def _on_flow(self, change: Callable[[Flow], None]) -> None:
        """Change the flow, unless what is being read is none of it."""
        if self._group.into is self._flows[-1].run:
            change(self._flows[-1])

    # Properties of letters

    def _plain(self, _number: int) -> None:
        group = self._group
        group.font, group.hidden, group.deleted = self._defined.default_font, False, False

    def _default_font(self, number: int) -> None:
        self._defined.default_font = self._group.font = number

    def _fall_back(self, number: int) -> None:
        self._group.fallback = max(number, 0)

    def _speak(self, number: int) -> None:
        self.locale = number

    def _hide(self, on: bool) -> None:  # noqa: FBT001 - the table of switches calls it
        self._group.hidden = on

    def _delete(self, on: bool) -> None:  # noqa: FBT001 - see _hide
        self._group.deleted = on

    def _insert(self, on: bool) -> None:  # noqa: FBT001 - see _hide
        self.seen["tracked"] += on

    def _put_in_table(self, on: bool) -> None:  # noqa: FBT001 - see _hide
        self._on_flow(Flow.put_in_table if on else lambda flow: flow.nest(0))

    def _switched(self) -> Mapping[str, Callable[[bool], None]]:
        return {
            "v": self._hide,
            "deleted": self._delete,
            "revised": self._insert,
            "intbl": self._put_in_table,
        }

    def _numbered(self) -> Mapping[str, Callable[[int], None]]:
        defined = self._defined
        return {
            "u": self._unicode,
            "uc": self._fall_back,
            "f": self._font,
            "fcharset": defined.charset,
            "cpg": defined.code_page,
            "deff": self._default_font,
            "plain": self._plain,
            "ansicpg": lambda number: defined.encode(words.encoding(number)),
            "mac": lambda _: defined.encode("mac_roman"),
            "pc": lambda _: defined.encode("cp437"),
            "pca": lambda _: defined.encode("cp850"),
            "deflang": self._speak,
            "fonttbl": lambda _: self._begin("fonts"),
            "stylesheet": lambda _: self._begin("styles"),
            "info": lambda _: self._begin("info"),
            "title": self._titled,
            "pict": self._picture,
            "ud": self._newer,
            "footnote": lambda _: self._aside(self._note),
            **dict.fromkeys(("shptxt", "dptxbxtext"), lambda _: self._aside(self._box)),
            "s": self._style,
            "outlinelevel": self._outline,
            "ls": lambda number: self._on_flow(lambda flow: flow.list(number)),
            "ilvl": lambda number: self._on_flow(lambda flow: flow.list_level(number)),
            "itap": lambda number: self._on_flow(lambda flow: flow.nest(number)),
            "pard": lambda _: self._on_flow(Flow.reset),
            **dict.fromkeys(("par", "sect", "page"), lambda _: self._on_flow(Flow.end_paragraph)),
            "cell": lambda _: self._on_flow(Flow.end_cell),
            "row": lambda _: self._on_flow(Flow.end_row),
            "nestcell": lambda _: self._on_flow(lambda flow: flow.end_cell(nested=True)),
            "nestrow": lambda _: self._on_flow(lambda flow: flow.end_row(nested=True)),
        }
