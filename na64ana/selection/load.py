"""Selection files: found by name or path, `extends` resolved into one whole selection."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from na64ana.errors import SelectionError, nearest, printable
from na64ana.selection.form import ALL_BUT
from na64ana.selection.model import CutSpec, SelectionSpec
from na64ana.shipped import shipped_folder, yaml_files
from na64ana.yamltext import Document, convert, read_yaml

__all__ = ["Resolved", "builtin_selections", "find_selection", "resolve", "resolve_document"]

MAX_EXTENDS = 10


@dataclass
class Resolved:
    """A selection with everything it extends folded in.

    Attributes
    ----------
    spec : SelectionSpec
        The whole selection; ``extends`` and ``drop`` are empty.
    where : dict
        ``file, line N`` of each item, by a path such as ``("cuts", "SRD")``.
    closed : list of tuple of CutSpec
        Boxes of inherited blind regions whose cuts were changed since, as they were.
    """

    spec: SelectionSpec
    where: dict[tuple[str, ...], str] = field(default_factory=dict)
    closed: list[tuple[CutSpec, ...]] = field(default_factory=list)


def builtin_selections() -> list[str]:
    """Names of the shipped selections."""
    return list(yaml_files(shipped_folder("selections")))


def find_selection(name: str | Path, beside: Path | None = None) -> Path:
    """Return the file of a selection.

    Parameters
    ----------
    name : str or Path
        Name of a shipped selection such as ``na64e-invisible-2023``, or a path ending in
        ``.yaml``.
    beside : Path, optional
        Folder against which a relative path is read (default: the current one).

    Raises
    ------
    SelectionError
        There is none; the message names the nearest.
    """
    text = str(name)
    if text in builtin_selections():
        return shipped_folder("selections") / f"{text}.yaml"
    path = (beside or Path()) / text
    if path.suffix in (".yaml", ".yml") or _is_file(path):
        return path
    known = [item for item in builtin_selections() if not item.startswith("common/")]
    msg = (
        f"unknown selection '{printable(text)}'{nearest(text, known)} "
        f"(shipped: {', '.join(known)}; or give the path of a .yaml file)"
    )
    raise SelectionError(msg)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def resolve(
    path: Path, chain: tuple[Path, ...] = (), known: dict[Path, Resolved] | None = None
) -> Resolved:
    """Read a selection file and all that it extends.

    Raises
    ------
    SelectionError
        A file cannot be read, has unknown keys, or `extends` runs in a circle.
    """
    real = Path(os.path.realpath(path))
    if real in chain:
        names = " -> ".join(printable(p.name) for p in (*chain[chain.index(real) :], real))
        msg = f"{printable(str(path))}: 'extends' runs in a circle: {names}"
        raise SelectionError(msg)
    if len(chain) >= MAX_EXTENDS:
        msg = f"{printable(str(path))}: 'extends' is over {MAX_EXTENDS} levels deep"
        raise SelectionError(msg)
    known = {} if known is None else known
    if real not in known:
        document = read_yaml(path, SelectionError)
        known[real] = resolve_document(document, path.parent, (*chain, real), known)
    return known[real]


def resolve_document(
    document: Document,
    folder: Path,
    chain: tuple[Path, ...] = (),
    known: dict[Path, Resolved] | None = None,
) -> Resolved:
    """Fold all that a document extends into one selection.

    ``chain`` are the files above it; ``known`` are files already read, each read once however
    many extend it.
    """
    known = {} if known is None else known
    spec = convert(document, SelectionSpec, SelectionError)
    _unique(document, spec)
    parents = [spec.extends] if isinstance(spec.extends, str) else spec.extends
    base = Resolved(SelectionSpec(name=spec.name))
    if spec.layout is not None and spec.layout.endswith((".yaml", ".yml")):
        spec.layout = str(folder / spec.layout)  # it lies beside the file that names it
    for i, parent in enumerate(parents):
        try:
            file = find_selection(parent, folder)
        except SelectionError as error:
            msg = f"{document.where('extends', i)}: extends: {error}"
            raise SelectionError(msg) from None
        more = resolve(file, chain, known)
        _keep_closed(base.spec, more.spec, document.where("extends", i))
        inherited = [*_boxes(base.spec), *_boxes(more.spec)]
        _merge(base, more)
        _close(base, inherited)
    inherited = _boxes(base.spec)
    _apply(base, spec, document)
    _close(base, inherited)
    return base


def _close(resolved: Resolved, inherited: list[tuple[CutSpec, ...]]) -> None:
    """Keep boxes closed as they were inherited, whatever their cuts have become."""
    known = [*_boxes(resolved.spec), *resolved.closed]
    resolved.closed += [box for box in inherited if box and box not in known]


def _unique(document: Document, spec: SelectionSpec) -> None:
    lists: list[tuple[tuple[str, ...], list[CutSpec]]] = [(("cuts",), spec.cuts)]
    lists += [(("channels", name, "cuts"), c.cuts) for name, c in spec.channels.items()]
    for path, cuts in lists:
        seen: dict[str, int] = {}
        for i, cut in enumerate(cuts):
            if cut.name in seen:
                first = document.lines.get((*path, seen[cut.name]))
                line = f" (first in line {first})" if first else ""
                msg = (
                    f"{document.where(*path, i)}: cut '{printable(cut.name)}' stands twice{line}; "
                    "every cut has its own name"
                )
                raise SelectionError(msg)
            seen[cut.name] = i


def _merge(base: Resolved, parent: Resolved) -> None:
    """Fold a parent in; of several parents the later one wins."""
    spec, more = base.spec, parent.spec
    for cut in more.cuts:
        _put(spec.cuts, cut)
    for name in ("observables", "channels", "regions", "histograms"):
        getattr(spec, name).update(getattr(more, name))
    spec.layout = more.layout or spec.layout
    spec.weight = more.weight or spec.weight
    spec.description = more.description or spec.description
    spec.reference = more.reference or spec.reference
    base.where.update(parent.where)
    base.closed += [box for box in parent.closed if box not in base.closed]


def _put(cuts: list[CutSpec], cut: CutSpec) -> None:
    for i, known in enumerate(cuts):
        if known.name == cut.name:
            cuts[i] = cut
            return
    cuts.append(cut)


def _apply(base: Resolved, spec: SelectionSpec, document: Document) -> None:
    """Apply a file's own keys to what it extends."""
    whole = base.spec
    for name in spec.drop:
        _drop(whole, name, f"{document.where('drop')}: drop")
    for i, cut in enumerate(spec.cuts):
        where = document.where("cuts", i)
        _change(whole.cuts, cut, where)
        base.where["cuts", cut.name] = where
    _keep_closed(whole, spec, document.where("regions"))
    for kind in ("observables", "channels", "regions", "histograms"):
        getattr(whole, kind).update(getattr(spec, kind))
        for name in getattr(spec, kind):
            base.where[kind, name] = document.where(kind, name)
    for name, channel in spec.channels.items():
        for i, cut in enumerate(channel.cuts):
            base.where["channels", name, cut.name] = document.where("channels", name, "cuts", i)
    for key in ("layout", "weight", "description", "reference"):
        if getattr(spec, key):
            setattr(whole, key, getattr(spec, key))
            base.where[key,] = document.where(key)
    base.where[()] = document.path


def _drop(whole: SelectionSpec, name: str, where: str) -> None:
    """Leave out a cut with its plots, or an observable, such as of a detector not there yet."""
    cuts = [cut.name for cut in whole.cuts]
    if name in cuts:
        whole.cuts.pop(cuts.index(name))
        _drop_plots(whole, name)
    elif name in whole.observables:
        del whole.observables[name]
    else:
        near = nearest(name, [*cuts, *whole.observables])
        msg = f"{where}: no cut '{printable(name)}' in what is extended, and no observable{near}"
        raise SelectionError(msg)


def _drop_plots(whole: SelectionSpec, cut: str) -> None:
    """Leave out the N-1 plots of a cut that is dropped."""
    for name, item in list(whole.histograms.items()):
        at = [item.at] if isinstance(item.at, str) else item.at
        kept = [place for place in at if place != ALL_BUT + cut]
        if not kept:
            del whole.histograms[name]
        elif len(kept) < len(at):
            whole.histograms[name] = msgspec.structs.replace(item, at=kept)


def _keep_closed(whole: SelectionSpec, spec: SelectionSpec, where: str) -> None:
    """An inherited blind region stays: to open it by extending would leave no reason."""
    for name, region in spec.regions.items():
        known = whole.regions.get(name)
        if known is not None and known.blind:
            same = region.blind == known.blind and sorted(region.cuts or []) == sorted(
                known.cuts or []
            )
            if not same:
                msg = (
                    f"{where}: region '{printable(name)}' is blind in what is extended; it stays "
                    "blind, by the same cuts and prescale, and --unblind REASON opens it"
                )
                raise SelectionError(msg)


def _boxes(spec: SelectionSpec) -> list[tuple[CutSpec, ...]]:
    """Conditions of the cuts of the blind regions; words for people left out.

    A region is no box before all its cuts are there: those of a file to be extended may be given
    by who extends it.
    """
    cuts = {cut.name: msgspec.structs.replace(cut, reason="", reference="") for cut in spec.cuts}
    return [
        tuple(cuts[name] for name in sorted(region.cuts))
        for region in spec.regions.values()
        if region.blind and region.cuts and cuts.keys() >= set(region.cuts)
    ]


def _index(cuts: list[CutSpec], name: str, where: str) -> int:
    names = [cut.name for cut in cuts]
    if name not in names:
        msg = f"{where}: no cut '{printable(name)}' in what is extended{nearest(name, names)}"
        raise SelectionError(msg)
    return names.index(name)


def _change(cuts: list[CutSpec], cut: CutSpec, where: str) -> None:
    """Change the cut of that name (its condition as a whole), or put in a new one."""
    known = next((c for c in cuts if c.name == cut.name), None)
    place = None
    if cut.before is not None or cut.after is not None:
        if known is not None:
            cuts.remove(known)
        place = _place(cuts, cut, where)
    plain = msgspec.structs.replace(cut, before=None, after=None)
    if known is None:
        cuts.insert(len(cuts) if place is None else place, plain)
        return
    changed = _changed(known, plain)
    if place is None:
        cuts[cuts.index(known)] = changed
    else:
        cuts.insert(place, changed)


def _changed(known: CutSpec, cut: CutSpec) -> CutSpec:
    """Return the known cut with what the other gives; its condition is replaced as a whole."""
    bounds = ("within", "above", "below")
    given = {key: value for key in cut.__struct_fields__ if (value := getattr(cut, key))}
    if any(getattr(cut, key) is not None for key in (*bounds, "observable", "require")):
        clean = dict.fromkeys((*bounds, "require"))
        if cut.require is not None:
            clean["observable"] = None
        known = msgspec.structs.replace(known, **clean)
        # a threshold may be 0, so bounds are taken when given, not when true
        given |= {key: getattr(cut, key) for key in bounds if getattr(cut, key) is not None}
    return msgspec.structs.replace(known, **given)


def _place(cuts: list[CutSpec], cut: CutSpec, where: str) -> int:
    if cut.before is not None and cut.after is not None:
        msg = f"{where}: cut '{printable(cut.name)}': give before or after, not both"
        raise SelectionError(msg)
    if cut.before is not None:
        return _index(cuts, cut.before, f"{where}: before")
    return _index(cuts, cut.after or "", f"{where}: after") + 1
