"""Random selections on random events: text, and for each expression a function of one event.

Nothing of `na64ana.expressions` is used: an expression is drawn as its text together with what it
means. NaN and infinities are sprinkled everywhere.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import awkward as ak
import numpy as np
from hypothesis import strategies as st

LAYOUT = """
name: small
tree: small
columns:
  run: {branch: run, type: integer}
  spill: {branch: spill, type: integer}
  event: {branch: event, type: integer}
  trigger: {branch: trigger, type: integer}
  ok: {branch: ok, type: flag}
  w: {branch: w}
  t: {branch: t, unit: ns}
  p: {branch: p}
  e: {branch: e, unit: GeV}
  cal.energy: {branch: a, shape: [2, 2, 3], axes: [plane, ix, iy], unit: GeV}
  cal.time: {branch: b, shape: [2, 2, 3], axes: [plane, ix, iy], unit: ns}
  cal.sigma: {branch: c, shape: [2, 1], axes: [plane, ix], unit: ns}
  cal.offset: {branch: d, shape: [3, 2], axes: [iy, plane], unit: GeV}
  mult: {branch: m, shape: [3], axes: [module], type: integer}
  hits.x: {branch: x, shape: [var], axes: [hit], unit: mm}
  hits.q: {branch: q, shape: [var], axes: [hit], unit: GeV}
"""

CAL = (("plane", 2), ("ix", 2), ("iy", 3))
#: name -> unit, axes of the columns of numbers
CELLS: dict[str, tuple[str, Any]] = {
    "cal.energy": ("GeV", CAL),
    "cal.time": ("ns", CAL),
    "cal.sigma": ("ns", (("plane", 2), ("ix", 1))),
    "cal.offset": ("GeV", (("iy", 3), ("plane", 2))),
}
HITS = {"hits.x": "mm", "hits.q": "GeV"}
SCALARS = {"t": "ns", "p": "", "e": "GeV"}
#: two ways to write a number of each unit, the second with its factor
SPELL = {"GeV": ("GeV", "MeV", 1000), "ns": ("ns", "ps", 1000), "mm": ("mm", "um", 1000)}
VAR = "var"

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Expr:
    """Text, and what it means for one event: (value, whether a compared number was missing).

    A value is a number, a dict from cell index to number, or a list of hits.
    """

    text: str
    unit: str
    axes: Any  # () for one value, tuple of (name, size), or VAR
    of: Callable[[Event], tuple[Any, bool]]
    literal: bool = False


# -------------------------------------------------------------------- meaning


def values_of(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]


def has_nan(value: Any) -> bool:
    return any(isinstance(v, float) and math.isnan(v) for v in values_of(value))


def joint_axes(shapes: list[Any]) -> Any:
    """Axes by name: those of the first of the longest, then others; length 1 stretches."""
    if VAR in shapes:
        return VAR
    real = [axes for axes in shapes if axes]
    if not real:
        return ()
    longest: Any = max(real, key=len)
    merged: dict[str, int] = dict(longest)
    for axes in real:
        for name, size in axes:
            merged[name] = max(size, merged.get(name, 1))
    return tuple(merged.items())


def lift(function: Callable[..., Any], shapes: list[Any], values: list[Any]) -> Any:
    """Apply a function cell by cell."""
    axes = joint_axes(shapes)
    if axes == ():
        return function(*values)
    if axes == VAR:
        length = next(len(v) for v in values if isinstance(v, list))
        return [
            function(*(v[i] if isinstance(v, list) else v for v in values)) for i in range(length)
        ]
    result = {}
    for index in itertools.product(*(range(size) for _, size in axes)):
        place = dict(zip((name for name, _ in axes), index, strict=True))
        result[index] = function(
            *(
                v[tuple(place[n] if size > 1 else 0 for n, size in shape)] if shape else v
                for v, shape in zip(values, shapes, strict=True)
            )
        )
    return result


def pointwise(function: Callable[..., Any], operands: list[Expr]) -> Any:
    def of(ev: Event) -> tuple[Any, bool]:
        found = [operand.of(ev) for operand in operands]
        shapes = [operand.axes for operand in operands]
        return lift(function, shapes, [v for v, _ in found]), any(m for _, m in found)

    return of


def quiet(ufunc: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            return ufunc(*arguments).item()

    return call


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a < b or a > b,  # a missing number compares false
}


def compared(operators: list[str], operands: list[Expr]) -> Any:
    def chain(*values: Any) -> bool:
        pairs = zip(operators, values, values[1:], strict=False)
        return all(OPERATORS[operator](a, b) for operator, a, b in pairs)

    plain = pointwise(chain, operands)

    def of(ev: Event) -> tuple[Any, bool]:
        value, missing = plain(ev)
        return value, missing or any(has_nan(operand.of(ev)[0]) for operand in operands)

    return of


def chosen(condition: Expr, then: Expr, otherwise: Expr) -> Any:
    plain = pointwise(lambda c, a, b: a if c else b, [condition, then, otherwise])

    def of(ev: Event) -> tuple[Any, bool]:  # what the condition misses is not counted
        return plain(ev)[0], then.of(ev)[1] or otherwise.of(ev)[1]

    return of


def added(values: list[Any]) -> Any:
    total = 0
    for i, v in enumerate(values):
        total = v if not i else total + v
    return total


def smallest(values: list[Any], sign: int = 1) -> float:
    if not values or any(math.isnan(v) for v in values):
        return math.nan
    return float(sign * min(sign * v for v in values))


REDUCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "sum": added,
    "min": smallest,
    "max": lambda values: smallest(values, -1),
    "any": any,
    "all": all,
    "count": sum,
    "len": len,
}


def reduced(name: str, operand: Expr, over: tuple[str, ...]) -> Any:
    step = REDUCTIONS[name]

    def of(ev: Event) -> tuple[Any, bool]:
        value, missing = operand.of(ev)
        if not over or not isinstance(value, dict):
            return step(values_of(value)), missing
        keep = [i for i, (axis, _) in enumerate(operand.axes) if axis not in over]
        groups: dict[tuple[int, ...], list[Any]] = {}
        for index, v in value.items():
            groups.setdefault(tuple(index[i] for i in keep), []).append(v)
        result = {index: step(values) for index, values in groups.items()}
        return (result if keep else result[()]), missing

    return of


# -------------------------------------------------------------------- drawing

Draw = Callable[[st.SearchStrategy[Any]], Any]


def column(name: str, unit: str, axes: Any) -> Expr:
    return Expr(name, unit, axes, lambda ev: (ev[name], False))


def literal(draw: Draw, unit: str, low: int = -6) -> Expr:
    quarters = draw(st.integers(low, 16))
    value = quarters / 4
    text = str(value)
    if unit:
        plain, other, factor = SPELL[unit]
        small = draw(st.booleans())
        text = f"{value * factor!r}*{other}" if small else f"{value}*{plain}"
    return Expr(f"({text})", unit, (), lambda ev: (value, False), literal=True)


class Grammar:
    """Draws typed expressions from the columns and from the observables drawn so far."""

    def __init__(self, draw: Draw, observables: list[Expr]) -> None:
        self.draw = draw
        self.observables = observables

    def one(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def known(self, observables: list[Expr]) -> Expr:
        found: Expr = self.one(*observables)
        return found

    # one number per event

    def number(self, depth: int, unit: str | None = None) -> Expr:
        if unit is None:
            unit = self.one("GeV", "ns", "", "mm")
        known = [o for o in self.observables if o.unit == unit and o.axes == ()]
        if known and self.one(True, False):
            return self.known(known)
        if depth <= 0:
            if unit == "mm":
                return self.hit_number(0)
            name = next(n for n, u in SCALARS.items() if u == unit)
            return column(name, unit, ())
        kinds = ["leaf", "where", "abs", "add", "scale", "pair", "hit"]
        if unit in ("GeV", "ns"):
            kinds += ["reduce", "reduce", "cell"]
        if unit == "":
            kinds += ["count", "count", "len", "ratio", "int"]
        if unit != "mm":
            kinds.remove("hit")
        made: Expr = getattr(self, f"number_{self.one(*kinds)}")(depth - 1, unit)
        return made

    def number_leaf(self, depth: int, unit: str) -> Expr:
        return self.number(0, unit)

    def number_where(self, depth: int, unit: str) -> Expr:
        condition, then = self.condition(depth), self.number(depth, unit)
        otherwise = literal(self.draw, unit) if self.one(True, False) else self.number(depth, unit)
        if self.one(True, False):
            then, otherwise = otherwise, then
        text = f"where({condition.text}, {then.text}, {otherwise.text})"
        return Expr(text, unit, (), chosen(condition, then, otherwise))

    def number_abs(self, depth: int, unit: str) -> Expr:
        a = self.number(depth, unit)
        return Expr(f"abs({a.text})", unit, a.axes, pointwise(abs, [a]))

    def sum_of(self, a: Expr, b: Expr, unit: str) -> Expr:
        name = self.one("+", "-")
        ufunc = np.add if name == "+" else np.subtract
        axes = joint_axes([a.axes, b.axes])
        return Expr(f"({a.text} {name} {b.text})", unit, axes, pointwise(quiet(ufunc), [a, b]))

    def number_add(self, depth: int, unit: str) -> Expr:
        a = self.number(depth, unit)
        b = literal(self.draw, unit) if self.one(True, False) else self.number(depth, unit)
        return self.sum_of(a, b, unit)

    def number_scale(self, depth: int, unit: str) -> Expr:
        a, b = self.number(depth, unit), literal(self.draw, "")
        return Expr(f"({b.text}*{a.text})", unit, (), pointwise(quiet(np.multiply), [b, a]))

    def number_pair(self, depth: int, unit: str) -> Expr:
        a, b = self.number(depth, unit), self.number(depth, unit)
        name = self.one("min", "max", "hypot")
        ufunc = {"min": np.minimum, "max": np.maximum, "hypot": np.hypot}[name]
        return Expr(f"{name}({a.text}, {b.text})", unit, (), pointwise(quiet(ufunc), [a, b]))

    def number_ratio(self, depth: int, unit: str) -> Expr:
        kind = self.one("GeV", "ns")
        a, b = self.number(depth, kind), self.number(depth, kind)
        return Expr(f"({a.text} / {b.text})", "", (), pointwise(quiet(np.true_divide), [a, b]))

    def number_int(self, depth: int, unit: str) -> Expr:
        name = self.one("run", "trigger", "mult[1]", "trigger % 3", "sum(mult)", "max(mult)")
        of: dict[str, Callable[[Event], Any]] = {
            "run": lambda ev: ev["run"],
            "trigger": lambda ev: ev["trigger"],
            "mult[1]": lambda ev: ev["mult"][(1,)],
            "trigger % 3": lambda ev: ev["trigger"] % 3,
            "sum(mult)": lambda ev: sum(ev["mult"].values()),
            "max(mult)": lambda ev: max(ev["mult"].values()),
        }
        return Expr(f"({name})", "", (), lambda ev: (of[name](ev), False))

    def number_count(self, depth: int, unit: str) -> Expr:
        a = self.one(self.cell_condition, self.hit_condition)(depth)
        return Expr(f"count({a.text})", "", (), reduced("count", a, ()))

    def number_len(self, depth: int, unit: str) -> Expr:
        a = self.one(self.hits, self.cells)(depth, None)
        return Expr(f"len({a.text})", "", (), reduced("len", a, ()))

    def number_reduce(self, depth: int, unit: str) -> Expr:
        a = self.cells(depth, unit)
        name = self.one("sum", "sum", "min", "max")
        return Expr(f"{name}({a.text})", unit, (), reduced(name, a, ()))

    def number_cell(self, depth: int, unit: str) -> Expr:
        a = self.cells(depth, unit)
        index = tuple(self.draw(st.integers(0, size - 1)) for _, size in a.axes)
        of = a.of
        return Expr(
            f"{a.text}[{', '.join(map(str, index))}]",
            unit,
            (),
            lambda ev: (of(ev)[0][index], of(ev)[1]),
        )

    def number_hit(self, depth: int, unit: str) -> Expr:
        return self.hit_number(depth)

    def hit_number(self, depth: int, unit: str = "mm") -> Expr:
        a = self.hits(depth, unit)
        if self.one(True, False):
            name = self.one("sum", "min", "max")
            # a sum of no hits is a double
            step = reduced(name, a, ())
            return Expr(f"{name}({a.text})", unit, (), lambda ev: (float(step(ev)[0]), step(ev)[1]))
        place, of = self.draw(st.integers(0, 2)), a.of

        def entry(ev: Event) -> tuple[Any, bool]:
            values, missing = of(ev)
            return (values[place] if place < len(values) else math.nan), missing

        return Expr(f"{a.text}[{place}]", unit, (), entry)

    # cells and hits

    def cells(self, depth: int, unit: str | None) -> Expr:
        if unit is None:
            unit = self.one("GeV", "ns")
        known = [o for o in self.observables if o.unit == unit and o.axes not in ((), VAR)]
        if known and self.one(True, False):
            return self.known(known)
        if depth <= 0:
            name = self.one(*(n for n, (u, _) in CELLS.items() if u == unit))
            return column(name, *CELLS[name])
        kind = self.one("where", "where", "add", "slice", "axis", "abs", "leaf")
        a = self.cells(depth - 1, unit)
        match kind:
            case "where":
                condition = self.one(self.cell_condition, self.condition)(depth - 1)
                b = self.one(literal(self.draw, unit), self.number(depth - 1, unit))
                axes = joint_axes([condition.axes, a.axes])
                text = f"where({condition.text}, {a.text}, {b.text})"
                return Expr(text, unit, axes, chosen(condition, a, b))
            case "add":
                return self.sum_of(a, self.cells(depth - 1, unit), unit)
            case "slice":
                return self.sliced(a)
            case "axis":
                return self.over_axis(a)
            case "abs":
                return Expr(f"abs({a.text})", unit, a.axes, pointwise(abs, [a]))
            case _:
                return a

    def sliced(self, a: Expr) -> Expr:
        """Take a range that stays longer than one cell, so that it still fits its like."""
        (name, size), *rest = a.axes
        start = self.draw(st.integers(0, max(size - 2, 0)))
        of = a.of

        def cut(ev: Event) -> tuple[Any, bool]:
            value, missing = of(ev)
            return {(i[0] - start, *i[1:]): v for i, v in value.items() if i[0] >= start}, missing

        text = f"{a.text}[{start}:]" if self.one(True, False) else f"{a.text}[{start}:{size}]"
        whole = Expr(text, a.unit, ((name, size - start), *rest), cut)
        # another length of the same axis would be refused beside the rest
        return whole if start == 0 else a

    def over_axis(self, a: Expr) -> Expr:
        names = [name for name, _ in a.axes]
        if len(names) < 2:
            return a
        over = self.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        over = over[: len(names) - 1]
        name = self.one("sum", "min", "max")
        axis = over[0] if len(over) == 1 else f"({', '.join(over)})"
        left = tuple(pair for pair in a.axes if pair[0] not in over)
        text = f"{name}({a.text}, axis={axis})"
        return Expr(text, a.unit, left, reduced(name, a, tuple(over)))

    def hits(self, depth: int, unit: str | None) -> Expr:
        if unit is None:
            unit = self.one("mm", "GeV")
        known = [o for o in self.observables if o.unit == unit and o.axes == VAR]
        if known and self.one(True, False):
            return self.known(known)
        name = next(n for n, u in HITS.items() if u == unit)
        a = column(name, unit, VAR)
        if depth <= 0:
            return a
        match self.one("where", "abs", "add", "leaf"):
            case "where":
                condition = self.one(self.hit_condition, self.condition)(depth - 1)
                b = literal(self.draw, unit)
                first, second = (a, b) if self.one(True, False) else (b, a)
                text = f"where({condition.text}, {first.text}, {second.text})"
                return Expr(text, unit, VAR, chosen(condition, first, second))
            case "abs":
                return Expr(f"abs({a.text})", unit, VAR, pointwise(abs, [a]))
            case "add":
                return self.sum_of(a, literal(self.draw, unit), unit)
            case _:
                return a

    # conditions

    def comparison(self, lead: Expr, others: Callable[[], Expr]) -> Expr:
        operands = [lead, others()]
        if self.one(True, False, False):
            operands = [others(), *operands]
        elif self.one(True, False):
            operands.reverse()
        operators = [self.one(*OPERATORS) for _ in operands[1:]]
        words = [operands[0].text]
        for operator, operand in zip(operators, operands[1:], strict=True):
            words += [operator, operand.text]
        axes = joint_axes([operand.axes for operand in operands])
        return Expr(f"({' '.join(words)})", "", axes, compared(operators, operands))

    def logic(self, make: Callable[[int], Expr], depth: int) -> Expr:
        name = self.one("and", "or", "not")
        if name == "not":
            a = make(depth)
            return Expr(f"(not {a.text})", "", a.axes, pointwise(lambda v: not v, [a]))
        parts = [make(depth) for _ in range(self.one(2, 3))]
        step: Callable[..., bool] = (lambda *v: all(v)) if name == "and" else (lambda *v: any(v))
        axes = joint_axes([part.axes for part in parts])
        text = f"({f' {name} '.join(part.text for part in parts)})"
        return Expr(text, "", axes, pointwise(step, parts))

    def condition(self, depth: int) -> Expr:
        if depth > 0:
            match self.one("logic", "any", "hits", "argmax", "compare", "bits", "isnan"):
                case "logic":
                    return self.logic(self.condition, depth - 1)
                case "any":
                    return self.quantified(self.cell_condition(depth - 1))
                case "hits":
                    return self.quantified(self.hit_condition(depth - 1))
                case "argmax":
                    return self.hottest(depth - 1)
                case "bits":
                    return self.bits()
                case "isnan":
                    a = self.number(depth - 1, self.one("GeV", "ns"))
                    return Expr(f"isnan({a.text})", "", (), pointwise(math.isnan, [a]))
        if self.one(*(5 * [False]), True):
            return Expr("ok", "", (), lambda ev: (ev["ok"], False))
        a = self.number(depth - 1)
        return self.comparison(
            a,
            lambda: (
                literal(self.draw, a.unit)
                if self.one(True, False)
                else self.number(depth - 1, a.unit)
            ),
        )

    def bits(self) -> Expr:
        mask = self.draw(st.integers(0, 15))
        if self.one(True, False):
            value = self.draw(st.integers(0, 15))
            return Expr(
                f"trigger & {mask} == {value}",
                "",
                (),
                lambda ev: (ev["trigger"] & mask == value, False),
            )
        return Expr(f"(trigger & {mask})", "", (), lambda ev: (bool(ev["trigger"] & mask), False))

    def quantified(self, a: Expr) -> Expr:
        name = self.one("any", "all")
        return Expr(f"{name}({a.text})", "", (), reduced(name, a, ()))

    def hottest(self, depth: int) -> Expr:
        a = self.cells(depth, self.one("GeV", "ns"))
        index = tuple(self.draw(st.integers(0, size - 1)) for _, size in a.axes)
        equal = self.one(True, False)
        of = a.of

        def found(ev: Event) -> tuple[bool, bool]:
            value, missing = of(ev)
            places = list(value)
            hottest = places[int(np.argmax([value[place] for place in places]))]
            return (hottest == index) is equal, missing or has_nan(value)

        where = f"({', '.join(map(str, index))}{',' if len(index) == 1 else ''})"
        return Expr(f"argmax({a.text}) {'==' if equal else '!='} {where}", "", (), found)

    def cell_condition(self, depth: int) -> Expr:
        if depth > 0 and self.one(True, False):
            return self.logic(self.cell_condition, depth - 1)
        a = self.cells(depth - 1, None)

        def other() -> Expr:
            match self.one("literal", "number", "cells"):
                case "literal":
                    return literal(self.draw, a.unit)
                case "number":
                    return self.number(depth - 1, a.unit)
                case _:
                    return self.cells(depth - 1, a.unit)

        return self.comparison(a, other)

    def hit_condition(self, depth: int) -> Expr:
        if depth > 0 and self.one(True, False):
            return self.logic(self.hit_condition, depth - 1)
        a = self.hits(depth - 1, None)
        return self.comparison(a, lambda: literal(self.draw, a.unit))


@dataclass(frozen=True)
class Cut:
    name: str
    of: Callable[[Event], tuple[Any, bool]]
    runs: tuple[int, int] | None
    content: dict[str, Any]

    def outcome(self, ev: Event) -> tuple[bool, bool, bool]:
        """Whether the event passes, whether a number is missing, whether the cut applies."""
        if self.runs is not None and not self.runs[0] <= ev["run"] <= self.runs[1]:
            return True, False, False
        value, missing = self.of(ev)
        return bool(value) and not missing, missing, True


def drawn_cut(grammar: Grammar, name: str) -> Cut:
    content: dict[str, Any] = {"name": name}
    kind = grammar.one("require", "require", "within", "above", "below", "both")
    if kind == "require":
        a = grammar.condition(2)
        of, content["require"] = a.of, a.text
    else:
        a = grammar.number(2)
        low, high = sorted((grammar.draw(st.integers(-6, 3)), grammar.draw(st.integers(0, 16))))
        ends = [low / 4, high / 4]
        quantities = [f"{end} {a.unit}".strip() for end in ends]
        content["observable"] = a.text
        lit = [Expr("", a.unit, (), lambda ev, end=end: (end, False)) for end in ends]  # type: ignore[misc]
        if kind == "within":
            content["within"] = quantities
            of = compared(["<=", "<="], [lit[0], a, lit[1]])
        elif kind == "both":
            content["above"], content["below"] = quantities
            of = compared(["<", "<"], [lit[0], a, lit[1]])
        elif kind == "above":
            content["above"] = quantities[0]
            of = compared([">"], [a, lit[0]])
        else:
            content["below"] = quantities[1]
            of = compared(["<"], [a, lit[1]])
    runs = None
    if grammar.one(True, False, False):
        first, last = sorted(grammar.draw(st.tuples(st.integers(1, 4), st.integers(1, 4))))
        runs = (first, last)
        content["runs"] = [first, last]
    return Cut(name, of, runs, content)


def drawn_lookup(grammar: Grammar) -> tuple[dict[str, Any], Expr]:
    a = grammar.number(1, "GeV") if grammar.one(True, False) else grammar.cells(1, "GeV")
    edges = sorted(grammar.draw(st.sets(st.integers(-6, 16), min_size=2, max_size=5)))
    values = [grammar.draw(st.integers(-6, 16)) / 4 for _ in edges[1:]]
    below, above = (grammar.one(None, 0.75) for _ in range(2))
    content: dict[str, Any] = {
        "lookup": a.text,
        "edges": [f"{250 * edge} MeV" for edge in edges],
        "values": [f"{value} ns" for value in values],
    }
    for key, value in (("below", below), ("above", above)):
        if value is not None:
            content[key] = f"{value} ns"

    def step(v: float) -> float:
        if math.isnan(v):
            return math.nan
        if v < edges[0] / 4:
            return math.nan if below is None else below
        for low, high, value in zip(edges, edges[1:], values, strict=False):
            if low / 4 <= v < high / 4:
                return float(value)
        return math.nan if above is None else above

    return content, Expr("", "ns", a.axes, pointwise(step, [a]))


@st.composite
def selections(draw: Draw) -> tuple[dict[str, Any], list[Cut], dict[str, Any]]:
    """Draw a selection: its content, all cuts of the main chain, and what the oracle needs."""
    known: list[Expr] = []
    grammar = Grammar(draw, known)
    observables: dict[str, Any] = {}
    for i in range(draw(st.integers(0, 4))):
        name = f"obs{i}"
        match grammar.one("number", "cells", "hits", "lookup"):
            case "number":
                a = grammar.number(2)
                observables[name] = a.text
            case "cells":
                a = grammar.cells(2, None)
                observables[name] = a.text
            case "hits":
                a = grammar.hits(2, None)
                observables[name] = a.text
            case _:
                observables[name], a = drawn_lookup(grammar)
        known.append(Expr(name, a.unit, a.axes, a.of))
    count = draw(st.sampled_from([1, 2, 2, 3, 3, 4, 5, 6, 8]))
    cuts = [drawn_cut(grammar, f"cut {i}") for i in range(count)]
    content: dict[str, Any] = {
        "name": "drawn",
        "observables": observables,
        "cuts": [cut.content for cut in cuts],
    }
    chains = {"main": cuts}
    if draw(st.booleans()):
        after = draw(st.integers(0, count - 1))
        own = [drawn_cut(grammar, f"own {i}") for i in range(draw(st.integers(1, 2)))]
        content["channels"] = {
            "other": {"after": f"cut {after}", "cuts": [cut.content for cut in own]}
        }
        chains["other"] = [*cuts[: after + 1], *own]
    boxes: list[set[str]] = []
    for i in range(draw(st.integers(0, 2))):
        box = draw(st.sets(st.sampled_from([cut.name for cut in cuts]), min_size=1, max_size=3))
        content.setdefault("regions", {})[f"box{i}"] = {"cuts": sorted(box), "blind": True}
        boxes.append(box)
    if draw(st.booleans()):
        content["weight"] = draw(st.sampled_from(["w", "2*w", "w - 1", "1000*ps/(1*ns)"]))
    return content, cuts, {"chains": chains, "boxes": boxes}


WEIGHTS: dict[str | None, Callable[[float], float]] = {
    "w": lambda w: w,
    "2*w": lambda w: 2 * w,
    "w - 1": lambda w: w - 1,
    "1000*ps/(1*ns)": lambda w: 1.0,
}

quarters = st.integers(-6, 16).map(lambda q: q / 4)
#: mostly plain numbers
numbers = st.one_of(
    quarters, quarters, quarters, quarters, quarters, quarters, quarters,
    st.sampled_from([math.nan, math.inf, -math.inf, -0.0]),
)  # fmt: skip
weights = st.one_of(
    quarters,
    st.sampled_from([0.1, 5e-324, 1e-310, -1e-310, 3e150, -3e150, 1 / 3, 1e16, 8e307]),
    st.floats(-8e307, 8e307),
)


@st.composite
def events(draw: Draw) -> list[dict[str, Any]]:
    size = draw(st.sampled_from([25, 20, 12, 5, 2, 1, 0]))
    # one draw of raw numbers for all cells: hypothesis draws many single values slowly
    cells = {name: [n for _, n in axes] for name, (_, axes) in CELLS.items()}
    per_event = sum(math.prod(shape) for shape in cells.values())
    pool = [0.5, 1.0, 2.0, *draw(st.lists(numbers, min_size=1, max_size=40))]
    heavy = draw(st.lists(weights, min_size=1, max_size=6))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    found = []
    for i in range(size):
        raw = iter(rng.choice(np.array(pool), per_event + 20).tolist())
        ev: dict[str, Any] = {
            "run": int(rng.integers(1, 4)),
            "spill": int(rng.integers(0, 3)),
            "event": i,
            "trigger": int(rng.integers(0, 16)),
            "ok": bool(rng.integers(0, 2)),
            "w": float(rng.choice(heavy)),
            **{name: next(raw) for name in SCALARS},
            "mult": {(k,): int(rng.integers(0, 4)) for k in range(3)},
        }
        for name, shape in cells.items():
            ev[name] = {index: next(raw) for index in itertools.product(*map(range, shape))}
        length = int(rng.integers(0, 4))
        for name in HITS:
            ev[name] = [next(raw) for _ in range(length)]
        found.append(ev)
    return found


def as_columns(found: list[dict[str, Any]]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name in ("run", "spill", "event", "trigger", "ok", "w", *SCALARS):
        kind = float if name in SCALARS or name == "w" else None
        columns[name] = np.array(
            [ev[name] for ev in found], dtype=kind or (bool if name == "ok" else int)
        )
    for name, (_, axes) in {**CELLS, "mult": ("", (("module", 3),))}.items():
        shape = (len(found), *(size for _, size in axes))
        flat = [v for ev in found for v in ev[name].values()]
        columns[name] = np.array(flat, dtype=int if name == "mult" else float).reshape(shape)
    for name in HITS:
        lists = [np.array(ev[name], dtype=float) for ev in found]
        columns[name] = ak.unflatten(
            np.concatenate([*lists, np.zeros(0)]), np.array([len(v) for v in lists], dtype=int)
        )
    return columns
