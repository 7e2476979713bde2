"""The keys of a manifest, as typed models, and the YAML text made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import msgspec
import yaml
from msgspec import Meta

from na64ana.datasets.ranges import Ranges, format_ranges, parse_ranges

__all__ = ["BadSpillSpec", "ExposureSpec", "FileSpec", "ManifestSpec", "manifest_text"]

#: checked to be a whole number by our own words: 1.2e8 and '12 345' are common mistakes
Amount = int | float | str
Text = Annotated[str, Meta(min_length=1)]


class _Keys(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    pass


class FileSpec(_Keys):
    """One file; only `path` is needed in every manifest."""

    path: Annotated[Text, Meta(description="Relative to `folder`, absolute, or a URL")]
    uuid: Annotated[str | None, Meta(description="Identity that ROOT wrote into the file")] = None
    sha256: Annotated[str | None, Meta(description="Checksum of the bytes")] = None
    entries: Annotated[Amount | None, Meta(description="Entries of the tree")] = None
    spills: Annotated[
        dict[str, Ranges] | None, Meta(description="Run to its spills in this file: 1-10, 12")
    ] = None
    generated: Annotated[
        Amount | None, Meta(description="Particles on target simulated for this file")
    ] = None
    quality: Annotated[str, Meta(description="good, or bad: not to be used")] = "good"
    reason: Annotated[str, Meta(description="Why it is bad")] = ""


class ExposureSpec(_Keys):
    """Recorded particles on target: by spill from a table or as written, or by run."""

    table: Annotated[
        str | None, Meta(description="Spill table, CSV or ROOT, relative to the manifest")
    ] = None
    tree: Annotated[str | None, Meta(description="Tree of a ROOT table that holds several")] = None
    runs: Annotated[
        dict[str, Amount], Meta(description="Run to its total, shared over its spills")
    ] = {}
    spills: Annotated[
        dict[str, dict[str, Amount]], Meta(description="Run to spill to particles on target")
    ] = {}
    apportioned: Annotated[
        dict[str, Ranges], Meta(description="Spills above whose exposure is a share of a total")
    ] = {}


class BadSpillSpec(_Keys):
    """Spills that are not to be used, or a range of events of one spill."""

    run: Annotated[int, Meta(description="Its number")]
    spill: Annotated[Ranges, Meta(description="One spill, or several: 1-10, 12")]
    reason: Annotated[Text, Meta(description="Why; it goes into the ledger")]
    events: Annotated[list[int] | None, Meta(description="[first, last], both included")] = None
    exposure: Annotated[
        Amount | None, Meta(description="Particles on target of these events; not of a whole spill")
    ] = None


class ManifestSpec(_Keys, kw_only=True):
    """A manifest: the files of a dataset and the exposure of their spills."""

    name: Annotated[Text, Meta(description="What the dataset is called in every output")]
    kind: Annotated[str, Meta(description="data, pseudo-data or simulation")] = "data"
    unit: Annotated[str, Meta(description="What is counted: EOT, MOT, POT")] = "EOT"
    period: Annotated[Text | None, Meta(description="Name of the period in the catalogue")] = None
    description: Annotated[str, Meta(description="Words for people")] = ""
    folder: Annotated[
        str, Meta(description="Where the files lie: a path relative to the manifest, or a URL")
    ] = ""
    bias: Annotated[
        Amount | None, Meta(description="Factor by which a simulated cross section was raised")
    ] = None
    exposure: Annotated[
        ExposureSpec | None, Meta(description="Without it nothing can be said per particle")
    ] = None
    bad_spills: Annotated[
        list[BadSpillSpec], Meta(description="Spills that are not to be used")
    ] = []
    bad_spill_table: Annotated[
        str | None, Meta(description="Bad-spill list as CSV, relative to the manifest")
    ] = None
    files: Annotated[list[FileSpec], Meta(min_length=1, description="Of which it consists")]


# ----------------------------------------------------------------------- to text

WIDTH = 100
# plain in YAML, also inside brackets, unless it would be read as a number, a date or a word
_PLAIN = re.compile(r"(?:\.{0,2}/)?[A-Za-z0-9_](?:[A-Za-z0-9_./+ -]|:(?=/))*")


def manifest_text(spec: ManifestSpec, head: str = "") -> str:
    """Return the YAML of a manifest: keys, runs and spills always in the same order.

    Parameters
    ----------
    spec : ManifestSpec
    head : str
        Comment lines to begin with.
    """
    return head + "".join(f"{line}\n" for line in _lines(spec))


def _lines(spec: ManifestSpec) -> Iterator[str]:
    for key in ("name", "kind", "unit", "period", "description", "folder", "bias"):
        value = getattr(spec, key)
        if value is not None and (value != "" or key == "name"):
            yield f"{key}: {_scalar(value)}"
    if spec.exposure is not None:
        yield "exposure:"
        yield from _exposure(spec.exposure)
    if spec.bad_spill_table is not None:
        yield f"bad_spill_table: {_scalar(spec.bad_spill_table)}"
    if spec.bad_spills:
        yield "bad_spills:"
        yield from (f"  - {{{', '.join(_bad_spill(bad))}}}" for bad in spec.bad_spills)
    yield "files:"
    for file in spec.files:
        yield from _file(file)


def _exposure(spec: ExposureSpec) -> Iterator[str]:
    if spec.table is not None:
        yield f"  table: {_scalar(spec.table)}"
    if spec.tree is not None:
        yield f"  tree: {_scalar(spec.tree)}"
    if spec.runs:
        yield "  runs:"
        yield from (f"    {run}: {_scalar(spec.runs[run])}" for run in _numeric(spec.runs))
    if spec.spills:
        yield "  spills:"
        for run in _numeric(spec.spills):
            of_run = spec.spills[run]
            yield from _wrapped(
                f"    {run}: {{", (f"{s}: {_scalar(of_run[s])}" for s in _numeric(of_run)), "}"
            )
    if spec.apportioned:
        yield "  apportioned:"
        yield from (f"    {line}" for line in _ranges_by_run(spec.apportioned))


def _bad_spill(bad: BadSpillSpec) -> Iterator[str]:
    yield f"run: {bad.run}"
    yield f"spill: {_ranges(bad.spill)}"
    if bad.events is not None:
        yield f"events: [{', '.join(map(str, bad.events))}]"
    if bad.exposure is not None:
        yield f"exposure: {_scalar(bad.exposure)}"
    yield f"reason: {_scalar(bad.reason)}"


def _file(file: FileSpec) -> Iterator[str]:
    yield f"  - path: {_scalar(file.path)}"
    for key in ("uuid", "sha256", "entries", "generated"):
        if getattr(file, key) is not None:
            yield f"    {key}: {_scalar(getattr(file, key))}"
    if file.spills is not None:
        lines = list(_ranges_by_run(file.spills))
        if len(lines) > 1:
            yield "    spills:"
            yield from (f"      {line}" for line in lines)
        else:
            yield f"    spills: {{{''.join(lines)}}}"
    if file.quality != "good":
        yield f"    quality: {_scalar(file.quality)}"
    if file.reason:
        yield f"    reason: {_scalar(file.reason)}"


def _ranges_by_run(spills: Mapping[str, Ranges]) -> Iterator[str]:
    for run in _numeric(spills):
        yield f"{run}: {_ranges(spills[run])}"


def _ranges(value: Ranges) -> str:
    parts = format_ranges(parse_ranges(value))
    return parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"


def _numeric(keys: Iterable[str]) -> list[str]:
    return sorted(keys, key=int)


def _wrapped(start: str, items: Iterable[str], end: str) -> Iterator[str]:
    """Lines of at most `WIDTH`, broken between items."""
    line = start
    for i, item in enumerate(items):
        if i:
            line += ","
            if len(line) + len(item) + 2 > WIDTH:
                yield line
                line = " " * len(start) + item
                continue
            line += " "
        line += item
    yield line + end


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        text = str(value)
        # YAML 1.1 takes 1e-05 for text
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers.get(value[:1], [])
    plain = _PLAIN.fullmatch(value) and not value.endswith(" ")
    if plain and not any(pattern.match(value) for _, pattern in resolvers):
        return value
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\U{ord(character):08x}"
