"""Files of curves: read, checked, and made into shapes."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path as File

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import Na64Error, SignalError, nearest, printable
from na64ana.signal.curve_model import COUPLINGS, MODELS, CurvesFile, CurveSpec, Source
from na64ana.signal.curve_record import Curve
from na64ana.signal.curve_rows import Rows, is_number, read_rows
from na64ana.signal.curve_shape import (
    SAME,
    Path,
    bare_pieces,
    closed,
    find_guards,
    steps_back,
)
from na64ana.units import Unit, parse_unit
from na64ana.yamltext import Document, convert, read_yaml

__all__ = ["load_curves"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: first and last point of a contour that was drawn to its end differ by less
_CLOSED = 0.01
#: in powers of GeV; ratios of such numbers are numbers still
_LARGEST = 1e100


def load_curves(path: str | File) -> list[Curve]:
    """Read a file of curves.

    Parameters
    ----------
    path : str or Path
        YAML as of the shipped ``datasets/curves/curves.yaml``; tables of points lie beside it.

    Raises
    ------
    SignalError
        It cannot be read, or is wrong; the message names file, line and key.
    """
    document = read_yaml(File(path), SignalError)
    spec = convert(document, CurvesFile, SignalError)
    twice = [name for name, n in Counter(c.name for c in spec.curves).items() if n > 1]
    if twice:
        msg = f"{document.path}: curve '{printable(twice[0])}' stands twice"
        raise SignalError(msg)
    folder = File(path).parent
    return [_Loader(document, i, folder, spec.sources).load(c) for i, c in enumerate(spec.curves)]


class _Loader:
    """Makes one curve of a file; knows where its keys stand."""

    def __init__(
        self, document: Document, place: int, folder: File, sources: dict[str, Source]
    ) -> None:
        self.document = document
        self.place = place
        self.folder = folder
        self.sources = sources

    def refuse(self, message: str, *key: str | int) -> SignalError:
        return SignalError(f"{self.document.where('curves', self.place, *key)}: {message}")

    def load(self, spec: CurveSpec) -> Curve:
        self.check_words(spec)
        rows = self.rows(spec)
        mass, coupling, breaks = self.axes(spec, rows)
        found = self.guards(spec, mass, coupling)
        split = spec.shape in ("upper-limit", "line")
        bare = bare_pieces(mass, coupling, found, breaks, split=split)
        self.check_pieces(spec, bare, rows)
        pieces = bare if split else [self.close(spec, piece) for piece in bare]
        source = self.sources.get(spec.source, Source())
        return Curve(spec, source, mass, coupling, found, tuple(pieces))

    def check_words(self, spec: CurveSpec) -> None:
        if spec.model not in MODELS:
            msg = f"unknown model '{printable(spec.model)}'{nearest(spec.model, MODELS)}"
            raise self.refuse(f"{msg} (known: {', '.join(MODELS)})", "model")
        known = MODELS[spec.model]
        if spec.coupling.of not in known:
            msg = f"of {spec.model} no '{printable(spec.coupling.of)}' is drawn"
            raise self.refuse(f"{msg}, but {' or '.join(known)}", "coupling", "of")
        if spec.source and spec.source not in self.sources:
            msg = f"unknown source '{printable(spec.source)}'{nearest(spec.source, self.sources)}"
            raise self.refuse(f"{msg}; it must stand under 'sources'", "source")
        if (spec.kind == "target") != (spec.shape == "line"):
            raise self.refuse("a target is a line, and only a target is", "shape")
        if (spec.closure is not None) and spec.shape != "contour":
            raise self.refuse("only a contour has a closure", "closure")
        needed = (spec.coupling.alpha_D, spec.coupling.mass_ratio)
        if spec.coupling.of == "y" and None in needed:
            raise self.refuse("y needs the alpha_D and the mass_ratio it was drawn for", "coupling")

    def rows(self, spec: CurveSpec) -> Rows:
        if bool(spec.file) == bool(spec.points):
            raise self.refuse("a curve needs its points: either 'file' or 'points'", "name")
        if spec.file:
            return read_rows(self.folder / spec.file, spec.sha256)
        values = self.numbers(spec)
        lines = [
            self.document.lines.get(("curves", self.place, "points", i), 0)
            for i in range(len(values))
        ]
        return Rows(self.document.path, values, tuple(lines), np.zeros(len(values), bool))

    def numbers(self, spec: CurveSpec) -> Array:
        if len({len(point) for point in spec.points}) > 1 or not spec.points[0]:
            raise self.refuse("'points' needs rows of equally many numbers", "points")
        for i, point in enumerate(spec.points):
            for item in point:
                if not is_number(item):
                    msg = f"'{printable(str(item), 40)}' is not a number"
                    raise self.refuse(msg, "points", i)
        return np.array([[float(item) for item in point] for point in spec.points])

    def axes(self, spec: CurveSpec, rows: Rows) -> tuple[Array, Array, Flags]:
        wanted = 3 if spec.shape == "band" else 2
        columns = spec.columns or list(range(1, wanted + 1))
        held = rows.values.shape[1]
        if len(columns) != wanted or max(columns) > held:
            msg = f"{spec.shape} needs {wanted} columns of {rows.where}, which has {held}"
            raise self.refuse(msg, "columns")
        factors = [self.factor("mass", spec.mass.unit, Fraction(1))]
        power = COUPLINGS[spec.coupling.of][0]
        factors += [self.factor("coupling", spec.coupling.unit, power)] * (wanted - 1)
        with np.errstate(over="ignore", under="ignore"):
            values = rows.values[:, [c - 1 for c in columns]] * factors
        bad = np.flatnonzero(((values < 1 / _LARGEST) | (values > _LARGEST)).any(axis=1))
        if len(bad):
            msg = f"{rows.at(bad[0])}: masses and couplings are positive, below {_LARGEST:g}"
            raise SignalError(msg)
        if wanted == 2:
            return values[:, 0], values[:, 1], rows.breaks
        return _band(values, rows)

    def factor(self, axis: str, unit: str, power: Fraction) -> float:
        """Return what a number is to be multiplied with to be in powers of GeV."""
        try:
            ratio = _unit(unit).ratio(parse_unit("GeV") ** power)
        except Na64Error as error:
            raise self.refuse(str(error), axis, "unit") from None
        return float(ratio)

    def guards(self, spec: CurveSpec, mass: Array, coupling: Array) -> Flags:
        if spec.guards is None:
            return find_guards(mass, coupling, upper_limit=spec.shape == "upper-limit")
        found = np.zeros(len(mass), bool)
        for i, given in enumerate(spec.guards):
            first, last = given if isinstance(given, list) else (given, given)
            if not first <= last <= len(mass):
                msg = f"there are no rows {first} to {last} among the {len(mass)}"
                raise self.refuse(msg, "guards", i)
            found[first - 1 : last] = True
        return found

    def check_pieces(self, spec: CurveSpec, pieces: list[Path], rows: Rows) -> None:
        if not pieces or any(len(mass) < 2 for mass, _ in pieces):
            msg = f"{rows.where}: a piece has a single point, or none is left; two make a curve"
            raise SignalError(msg)
        for mass, _ in pieces:
            if mass.min() == mass.max():
                msg = f"{rows.where}: all points of a piece are at the mass {mass[0]:g} GeV"
                raise SignalError(msg)
            back = steps_back(mass) if spec.shape in ("upper-limit", "line") else None
            if back is not None:
                msg = (
                    f"{rows.where}: the mass goes back from {mass[back - 1]:g} to {mass[back]:g} "
                    f"GeV: '{spec.shape}' is a function of the mass; is this a contour?"
                )
                raise SignalError(msg)

    def close(self, spec: CurveSpec, piece: Path) -> Path:
        mass, coupling = piece
        if spec.shape == "band":
            return closed(piece, "curve")
        ends = np.log([mass[-1] / mass[0], coupling[-1] / coupling[0]])
        if spec.closure is None or spec.closure == "curve":
            if np.abs(ends).max() > _CLOSED:
                msg = (
                    f"the contour is open, from ({mass[0]:.4g}, {coupling[0]:.4g}) to "
                    f"({mass[-1]:.4g}, {coupling[-1]:.4g}): say how it goes on, 'closure: frame' "
                    "(along the frame of its plot) or 'closure: chord' (straight)"
                )
                raise self.refuse(msg, "shape")
            return closed(piece, "curve")
        if spec.closure == "frame" and mass[-1] < mass[0]:
            msg = "the frame leads to lower masses, but the last point is left of the first: chord"
            raise self.refuse(msg, "closure")
        return closed(piece, spec.closure)


def _unit(text: str) -> Unit:
    """Return a unit; 1 is none, and 1/GeV what its letters say."""
    inverse = text.replace(" ", "").partition("1/")
    if not inverse[0] and inverse[1]:
        return parse_unit(inverse[2]) ** Fraction(-1)
    return Unit() if text.strip() == "1" else parse_unit(text)


def _band(values: Array, rows: Rows) -> tuple[Array, Array, Flags]:
    """Return the outline of a band: forwards below, backwards above."""
    mass, lower, upper = values.T
    if rows.breaks.any():
        msg = f"{rows.at(int(np.flatnonzero(rows.breaks)[0]))}: a band has no empty lines"
        raise SignalError(msg)
    wrong = np.flatnonzero((lower > upper * (1 + SAME)) | (np.diff(mass, prepend=0) < 0))
    if len(wrong):
        msg = f"{rows.at(wrong[0])}: a band goes up in mass, its lower edge below its upper one"
        raise SignalError(msg)
    outline = np.concatenate([mass, mass[::-1]]), np.concatenate([lower, upper[::-1]])
    return *outline, np.zeros(2 * len(mass), bool)
