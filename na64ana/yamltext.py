"""YAML text to plain data, with the line of every item kept for messages.

Only plain data come out: mappings, lists and text or numbers as written. Duplicate keys,
aliases, tags and oversized documents are refused, so no file can make the reader do more
work than its own size.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec
import yaml

from na64ana.errors import Na64Error, nearest, printable

__all__ = ["Document", "convert", "read_yaml", "without_collecting"]

T = TypeVar("T")

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NUMBER = 50
_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
}

Path_ = tuple[str | int, ...]

# the C library where PyYAML has it: ten times as fast, for manifests of many files
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# halves of a character beyond 16 bits, which are none alone
_HALF = re.compile("[\ud800-\udfff]")
_WORDS = {yaml.SequenceNode: "a list", yaml.ScalarNode: "plain text"}


@dataclass(frozen=True)
class Document:
    """Plain data from a YAML file.

    Attributes
    ----------
    path : str
        Where it was read, for messages.
    data : dict
        The content.
    lines : dict
        Line number (from 1) of every item, by its path such as ``("cuts", 3, "within")``.
    """

    path: str
    data: dict[str, Any]
    lines: dict[Path_, int] = field(default_factory=dict)

    def where(self, *path: str | int) -> str:
        """Return ``file, line N`` for an item, or for the nearest item around it."""
        for stop in range(len(path), 0, -1):
            if path[:stop] in self.lines:
                return f"{self.path}, line {self.lines[path[:stop]]}"
        return self.path


@contextmanager
def without_collecting() -> Iterator[None]:
    """Build many objects without Python looking for circles among them again and again.

    In a manifest of 45 000 files there are millions, all of them needed: looking for those that are
    not took four fifths of the time.
    """
    if not gc.isenabled():  # by the caller, or by a call around this one
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@without_collecting()
def read_yaml(path: Path, error: Callable[[str], Na64Error], limit: int = MAX_BYTES) -> Document:
    """Read a YAML file that holds one mapping.

    Parameters
    ----------
    path : Path
        The file.
    error : callable
        Makes the error to raise from its message.
    limit : int
        Bytes that such a file may have.

    Raises
    ------
    Na64Error
        What ``error`` makes, if the file cannot be read or is no plain mapping.
    """
    name = printable(str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as cause:
        raise error(f"{name}: {cause.strerror or cause}") from None
    if len(raw) > limit:
        raise error(f"{name}: over {limit} bytes; a file of its kind is not that large")
    try:
        text = raw.decode()
        _check_depth(text, name, error)
        root = yaml.compose(text, Loader=_LOADER)
    except UnicodeDecodeError:
        raise error(f"{name}: not text in UTF-8") from None
    except yaml.MarkedYAMLError as cause:
        line = f", line {cause.problem_mark.line + 1}" if cause.problem_mark else ""
        raise error(f"{name}{line}: not YAML ({_problem(text, cause)})") from None
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as cause:
        # ValueError and OverflowError: numbers in escapes and directives are not checked there
        raise error(f"{name}: not YAML ({printable(str(cause))})") from None
    reader = _Reader(name, error)
    if not isinstance(root, yaml.MappingNode):
        kind = "empty" if root is None else _WORDS.get(type(root), "no mapping")
        raise error(f"{name}: a mapping of keys is needed, such as 'name: ...'; this is {kind}")
    return Document(name, reader.convert(root, ()), reader.lines)


def _problem(text: str, cause: yaml.MarkedYAMLError) -> str:
    """What the library says, but of a tab, which looks like spaces, that it is one."""
    mark = cause.problem_mark
    lines = text.splitlines()
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab at the beginning of the line: YAML takes spaces only"
    return printable(str(cause.problem))


def _check_depth(text: str, name: str, error: Callable[[str], Na64Error]) -> None:
    """Refuse deep nesting before anything walks it by recursion."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH + 1:
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise error(f"{name}, line {line}: nested over {MAX_DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Reader:
    def __init__(self, name: str, error: Callable[[str], Na64Error]) -> None:
        self.name = name
        self.error = error
        self.lines: dict[Path_, int] = {}
        self.seen: set[int] = set()

    def convert(self, node: yaml.Node, path: Path_) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self.seen:
            raise self.error(f"{self.name}, line {line}: aliases (*name) are not allowed")
        if node.tag not in _TAGS:
            tag = printable(node.tag)
            raise self.error(f"{self.name}, line {line}: tags such as '{tag}' are not allowed")
        if not isinstance(node, yaml.ScalarNode):
            self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.convert(item, (*path, i)) for i, item in enumerate(node.value)]
        self._need_text(str(node.value), line)
        return _scalar(str(node.value), node.tag.rpartition(":")[2])

    def _need_text(self, text: str, line: int) -> None:
        r"""Refuse half a character, which an escape such as "\ud800" makes."""
        if _HALF.search(text):
            raise self.error(f"{self.name}, line {line}: '{printable(text)}' is not text")

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.error(f"{self.name}, line {line}: a key must be plain text")
            self._need_text(str(key_node.value), line)
            key = str(key_node.value)
            if key in result:
                raise self.error(f"{self.name}, line {line}: key '{printable(key)}' stands twice")
            self.lines[(*path, key)] = line
            result[key] = self.convert(value, (*path, key))
        return result


def _scalar(text: str, kind: str) -> Any:
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind in ("int", "float") and len(text) <= MAX_NUMBER:
        return _number(text)
    return text


def _number(text: str) -> int | float | str:
    """Return a plain decimal number; YAML's octal, sexagesimal and the like stay text."""
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


@without_collecting()
def convert(document: Document, model: type[T], error: Callable[[str], Na64Error]) -> T:
    """Check a document against a model of its keys and types.

    Raises
    ------
    Na64Error
        What ``error`` makes: a key is unknown (the nearest is named), missing, or of the
        wrong type.
    """
    return cast("T", _convert(document, document.data, model, (), error))


def _convert(
    document: Document, data: Any, model: Any, path: Path_, error: Callable[[str], Na64Error]
) -> Any:
    try:
        return msgspec.convert(data, model)
    except msgspec.ValidationError as cause:
        message, _, at = str(cause).partition(" - at `")
    except UnicodeEncodeError as cause:
        raise error(f"{document.where(*path)}: '{printable(cause.object)}' is not text") from None
    for field_, index in re.findall(r"\.([^.\[`]+)|\[(\d+|\.\.\.)\]", at):
        model = _struct_or_only(model)
        if index == "...":  # a mapping, of which msgspec does not say the key
            (_, model) = get_args(model)
            for key, value in data.items():
                _convert(document, value, model, (*path, key), error)
            break
        model = get_args(model)[0] if index else get_type_hints(model)[field_]
        part: str | int = int(index) if index else field_
        path, data = (*path, part), data[part]
    raise error(_explain(document, message, model, path))


def _explain(document: Document, message: str, model: Any, path: Path_) -> str:
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL)
    if unknown:
        known = [field.encode_name for field in msgspec.structs.fields(_struct_or_only(model))]
        where = document.where(*path, unknown[1])
        return f"{where}: unknown key '{printable(unknown[1])}'{nearest(unknown[1], known)}"
    message = message.replace("Object missing required field", "missing key").replace("`", "'")
    item = f" '{printable('.'.join(map(str, path)))}'" if path else ""
    return f"{document.where(*path)}:{item} {printable(message)}"


def _struct_or_only(model: Any) -> Any:
    """Of a union, the member that has keys or items."""
    for member in get_args(model) if get_origin(model) not in (list, dict, tuple) else ():
        if isinstance(member, type) and issubclass(member, msgspec.Struct):
            return member
        if get_origin(member) in (list, dict):
            return member
    return model
