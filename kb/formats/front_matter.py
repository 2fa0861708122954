"""Front matter: a small, safe part of YAML in which every plain value is text.

``country: NO`` stays Norway and ``year: 010`` stays 010, because types come from the model and not
from YAML. Anchors, tags, duplicate keys, deep nesting and large blocks are refused: 332 bytes of
aliases can fill a memory.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from kb.errors import Problem, RefusedFileError, refused
from kb.saying import Said, said
from kb.text import normalise
from kb.values import Path

MAX_CHARACTERS = 64_000
MAX_DEPTH = 12
MAX_NODES = 5_000

_TEXT = "tag:yaml.org,2002:str"


@dataclass(slots=True)
class FrontMatter:
    """The values of a block and the line of the file in which each begins."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """Return the line of the value at ``path``, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str, file: str, first_line: int = 2) -> FrontMatter:
    """Read a block of front matter.

    Args:
        text: the block without its ``---`` lines.
        file: name of the file, for messages.
        first_line: line of the file in which the block begins.

    Raises:
        RefusedFileError: it is no YAML, or YAML that we do not accept; names line and remedy.
    """
    if len(text) > MAX_CHARACTERS:
        message = said("the fields have more than {most:,} characters", most=MAX_CHARACTERS)
        remedy = said("move long texts into the body, or shorten them")
        raise refused(file, message, remedy, first_line)
    try:
        _refuse_unsafe(text, file, first_line)
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as err:
        raise RefusedFileError([_yaml_problem(err, file, first_line)]) from err
    except (yaml.YAMLError, RecursionError, UnicodeError) as err:
        message = said("the fields are not YAML")
        raise refused(file, message, said("see the case format"), first_line) from err
    if not isinstance(root, yaml.MappingNode):
        remedy = said("write one field a line, such as title: Housing First")
        raise refused(file, said("there are no fields"), remedy, first_line)
    reader = _Reader(file, first_line)
    return FrontMatter(reader.mapping(root, ()), reader.lines)


def write(values: dict[str, Any]) -> str:
    """Write fields as front matter that `read` gives back as they are."""
    written = _dumped(values, _Writer)
    # LibYAML, five times as fast, escapes what lies beyond U+FFFF, which nobody can read.
    return _dumped(values, _PatientWriter) if "\\U" in written else written


def _dumped(values: dict[str, Any], writer: type[yaml.CSafeDumper | yaml.SafeDumper]) -> str:
    return yaml.dump(
        values, Dumper=writer, allow_unicode=True, sort_keys=False, width=100, line_break="\n"
    )


class _NoAliases:
    """Never writes an alias, which `read` would refuse."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


class _Writer(_NoAliases, yaml.CSafeDumper):
    pass


class _PatientWriter(_NoAliases, yaml.SafeDumper):
    pass


def _text(writer: yaml.CSafeDumper | yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write paragraphs as they look; PyYAML quotes what such a block could not give back."""
    return writer.represent_scalar(_TEXT, text, style="|" if "\n" in text else None)


for _each in (_Writer, _PatientWriter):
    _each.add_representer(str, _text)
    _each.add_representer(type(None), lambda writer, _: writer.represent_scalar(_TEXT, ""))


def _refuse_unsafe(text: str, file: str, first_line: int) -> None:
    """Look at the events only, which cost nothing, before anything is built from them."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        reason: Said | None = None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            reason = said("anchors and aliases are not accepted")
        elif isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None) not in (None, "!"):
            reason = said("tags (!...) are not accepted")
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            reason = said("more than {most} levels are not accepted", most=MAX_DEPTH)
        elif nodes > MAX_NODES:
            reason = said("more than {most:,} values are not accepted", most=MAX_NODES)
        if reason is not None:
            line = first_line + getattr(event.start_mark, "line", 0)  # so the stubs
            raise refused(file, reason, said("write the values out plainly"), line)


def _yaml_problem(err: yaml.MarkedYAMLError, file: str, first_line: int) -> Problem:
    mark = err.problem_mark or err.context_mark
    line = first_line + getattr(mark, "line", 0)  # so the stubs: None is possible
    return Problem(
        file,
        said("the fields are not YAML: {fault}", fault=str(err.problem or err.context)),
        said("put texts that hold a colon, or begin with a special character, in quotation marks"),
        line,
    )


class _Reader:
    def __init__(self, file: str, first_line: int) -> None:
        self.file = file
        self.first_line = first_line
        self.lines: dict[Path, int] = {}

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + self.first_line
            key = normalise(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            if not key:
                raise refused(self.file, said("a field has no name"), said("name it"), line)
            if key in values:
                message, remedy = said("is given twice"), said("keep one of the two")
                raise RefusedFileError([Problem(self.file, message, remedy, line, key)])
            self.lines[(*path, key)] = line
            value = self.value(value_node, (*path, key))
            if value is not None:
                values[key] = value
        return values

    def value(self, node: yaml.Node, path: Path) -> Any:  # Any: what YAML can say
        self.lines.setdefault(path, node.start_mark.line + self.first_line)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        # An empty plain value is a field left blank; "" in quotation marks is too. Normalised
        # again, because in quotation marks "\0" is the character itself.
        return normalise(node.value) or None
