"""A directive that lists the keys of a YAML file from the typed model that reads it.

In MyST::

    ```{yaml-keys} na64ana.selection.model:CutSpec
    ```

The docstring of the model comes first, then one row for each key: what it takes, its default, and
the description that stands beside it in the code. A value with keys of its own links to the table
of its model, which must be somewhere in the documentation.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any, ClassVar

import msgspec
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

__all__ = ["setup"]

# what JSON calls it, and what it is to the writer of a YAML file
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "null": "`null`",
    "array": "list",
    "object": "keys and values",
}


class YamlKeys(SphinxDirective):
    """The table of one model: ``module:Model``."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Make the table as Markdown, and let it be parsed where the directive stands."""
        module, _, name = self.arguments[0].partition(":")
        model = getattr(import_module(module), name)
        _, parts = msgspec.json.schema_components([model])
        schema = parts[name]
        lines = [f"({_label(name)})=", "", *_sentences(model.__doc__), ""]
        lines += ["| key | takes | default | what |", "| --- | --- | --- | --- |"]
        required = schema.get("required", [])
        for key, given in schema["properties"].items():
            default = "**required**" if key in required else _default(given)
            cells = f"`{key}`", _takes(given), default, given.get("description", "")
            if not cells[-1]:
                msg = f"{name}: key '{key}' has no description in the code"
                raise self.error(msg)
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
        made = nodes.container()
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), 0, made)
        return made.children


def _label(name: str) -> str:
    return f"keys-{name.lower()}"


def _sentences(doc: str | None) -> list[str]:
    """The first paragraph of a docstring, its literals as Markdown has them."""
    return (doc or "").strip().partition("\n\n")[0].replace("``", "`").splitlines()


def _default(given: dict[str, Any]) -> str:
    default = given.get("default")
    return "" if default in (None, "", [], {}) else f"`{json.dumps(default).strip(chr(34))}`"


def _takes(given: dict[str, Any]) -> str:
    """What a value may be, in words."""
    if "$ref" in given:
        name = given["$ref"].rpartition("/")[2]
        return f"[{name.removesuffix('Spec').lower()}](#{_label(name)})"
    if "enum" in given:
        return " or ".join(f"`{value}`" for value in given["enum"] if value is not None)
    if "anyOf" in given:
        found = [_takes(one) for one in given["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(found))
    kind = given.get("type", "")
    if kind == "array":
        inside = _takes(given.get("items", {}))
        plural = "s" if inside.endswith("number") else ""
        return f"list of {inside}{plural}" if inside else "list"
    if kind == "object" and isinstance(given.get("additionalProperties"), dict):
        return f"name: {_takes(given['additionalProperties'])}"
    return _WORDS.get(kind, "") + _range(given)


def _range(given: dict[str, Any]) -> str:
    bounds = {
        "minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<",
    }  # fmt: skip
    found = [f"{sign} {given[name]:g}" for name, sign in bounds.items() if name in given]
    return f" {', '.join(found)}" if found else ""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the directive."""
    app.add_directive("yaml-keys", YamlKeys)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
