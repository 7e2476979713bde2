"""Texts that try to break the parser, or to run something: a refusal, in bounded time, and no more."""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import os
import subprocess
import time
import tracemalloc
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from na64ana.errors import ExpressionError
from na64ana.expressions import FUNCTIONS, check, parse
from na64ana.units import UNITS

hunt = settings(
    max_examples=400,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

ATTACKS = [
    # peers: what numexpr, uproot, formulate and an emptied eval let pass
    "().__class__.__base__.__subclasses__()",
    "x.__class__",
    "ecal.energy.__class__.__mro__[1].__subclasses__()",
    "__import__('os').system('true')",
    "ecal.__init__.__globals__",
    "(lambda: 1)()",
    "[c for c in ().__class__.__bases__]",
    "{1: 2}[1]",
    "{1, 2}",
    "[1, 2][0]",
    "f'{run}'",
    "f'{().__class__}'(1)",
    "'a' * 10",
    "b'a'",
    "1j * run",
    "None",
    "True",
    "...",
    "(x := 5)",
    "run if run else run",
    "yield run",
    "await run",
    "*run",
    "sum(*run)",
    "sum(**run)",
    "eval('1')",
    "exec('import os')",
    "open('file')",
    "getattr(run, 'x')",
    "breakpoint()",
    "sum.__call__(ecal.energy)",
    "sum(ecal.energy).real",
    "where(run > 1, 1, 2)(3)",
    "sum(ecal.energy)(1)",
    "abs(run)[0]()",
    "(run)(1)",
    "(0x" + "f" * 3800 + ")(1)",
    "import os",
    "run; run",
    "run = 1",
    "run\nimport os",
    "run # comment",
    "run and",
    ")",
    "(" * 1990 + "run",
    "-" * 3990 + "1",
    "not " * 990 + "run",
    "run" + "[0]" * 900,
    "a" + ".a" * 1900,
    "1" + "+1" * 1900,
    "run" + "**run" * 700,
    "9" * 4000 + " > run",
    "0x" + "f" * 3900 + " > run",
    "0b" + "1" * 3900,
    "1e400 > run",
    "9**9**9**9 > run",
    "((9**16)**16)**16 > run",
    "2**4096 > run",
    "(1*GeV)**16**16",
    "run << 100000",
    "run >> 1",
    "run // 2",
    "run @ run",
    "run | 1",
    "run ^ 2",
    "~run",
    "run is run",
    "run is not run",
    "run in run",
    "run not in (1, 2)",
    "ecal.energy[::2]",
    "ecal.energy[-1]",
    "ecal.energy[run]",
    "ecal.energy[1.0]",
    "ecal.energy[...]",
    "ecal.energy[None]",
    "sum(ecal.energy, axis=__import__('os'))",
    "sum(ecal.energy, axis=0)",
    "sum(ecal.energy, axis=())",
    "sum(ecal.energy, axis=ix, axis=iy)",
    "sum(ecal.energy, axis=(lambda: 0))",
    "sum(ecal.energy, axis=0x" + "f" * 3800 + ")",
    "sum(ecal.energy, out=run)",
    "run\x00",
    "\x00",
    "\ud800",
    "run > 'x\ud800'",
    "ru\u202en > 1",
    "run && trigger",
    "run || trigger",
    "!run",
    "Sum$(cell) > 3",
    "",
    "   \n\t ",
    "\N{FULLWIDTH LATIN SMALL LETTER E}val('1')",
    "__builtins__",
    "__name__",
    "print(run)",
    "sum",
    "ecal.energy.sum()",
    "x" * 3999 + "(1)",
]


class Ran(BaseException):
    """Something was executed; no `except Exception` hides it."""


def forbidden(name):
    def call(*arguments, **options):
        raise Ran(name)

    return call


compile_ = builtins.compile


def only_syntax(source, filename, mode, flags=0, *rest, **options):
    if not flags & ast.PyCF_ONLY_AST:
        raise Ran("compile")
    return compile_(source, filename, mode, flags, *rest, **options)


@contextlib.contextmanager
def guarded():
    """Whatever could run something from a text raises."""
    with contextlib.ExitStack() as stack:
        for module, names in (
            (builtins, ("eval", "exec", "open", "breakpoint", "input")),
            (importlib, ("import_module",)),
            (os, ("system",)),
            (subprocess, ("Popen",)),
        ):
            for name in names:
                stack.enter_context(mock.patch.object(module, name, forbidden(name)))
        stack.enter_context(mock.patch.object(builtins, "compile", only_syntax))
        yield


def attempt(text, names):
    """Parse and check; a refusal is returned, anything else than a refusal goes up."""
    with guarded():
        try:
            expression = parse(text)
            check(expression, names.get, names)
        except ExpressionError as error:
            return str(error)
    return None


def shows_and_explains(message, text):
    """Whether a refusal says why and shows the text, or a part of it with a mark below."""
    why, _, shown = message.partition("\n")
    if not " ".join(text.split()):
        return why == "empty expression"
    if why.startswith("expression of"):
        return "characters" in why
    lines = shown.split("\n")
    assert len(lines) in (1, 2), message
    body = lines[0].strip()
    marked = len(lines) == 1 or (set(lines[1]) <= {" ", "^"} and "^" in lines[1])
    return bool(why.strip()) and bool(body) and marked and message.isprintable() is False


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_is_refused_and_nothing_runs(text, names):
    start = time.process_time()
    message = attempt(text, names)
    assert message is not None
    assert shows_and_explains(message, text)
    assert time.process_time() - start < 2


def test_a_refusal_marks_the_culprit():
    with pytest.raises(ExpressionError) as caught:
        parse("ecal_total > 1*GeV and __import__('os') > 2")
    assert str(caught.value).splitlines() == [
        "unknown function '__import__'",
        "    ecal_total > 1*GeV and __import__('os') > 2",
        "                           ^^^^^^^^^^",
    ]


def test_the_mark_counts_characters_not_bytes():
    with pytest.raises(ExpressionError) as caught:
        parse("größe > 1 and lambda: größe")
    _, shown, mark = str(caught.value).splitlines()
    assert mark.index("^") == shown.index("lambda")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("run && trigger", "write 'and' for '&&'"),
        ("run || trigger", "write 'or' for '||'"),
        ("!run", "write 'not' for '!'"),
        ("run | trigger", "write 'or' between conditions"),
        ("run ^ 2", "write '**' for a power"),
        ("~run", "write 'not'"),
        ("x in y", "write lower <= x <= upper"),
        ("x is y", "write '=='"),
        ("7 // 2", "use '/'"),
        ("summ(x)", "did you mean 'sum'"),
        ("sum(x, axes=ix)", "the only option of a function is axis="),
    ],
)
def test_a_refusal_says_what_to_write(text, hint):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert hint in str(caught.value)


def test_every_kind_of_syntax_is_known_or_refused(names):
    """One text for each kind of node that an expression of Python can hold."""
    sources = {
        "BoolOp": "a and b", "NamedExpr": "(a := b)", "BinOp": "a + b", "UnaryOp": "-a",
        "Lambda": "lambda a: a", "IfExp": "a if b else c", "Dict": "{a: b}", "Set": "{a}",
        "ListComp": "[a for a in b]", "SetComp": "{a for a in b}", "DictComp": "{a: b for a in b}",
        "GeneratorExp": "(a for a in b)", "Await": "await a", "Yield": "(yield a)",
        "YieldFrom": "(yield from a)", "Compare": "a < b", "Call": "abs(a)",
        "FormattedValue": "f'{a}'", "JoinedStr": "f''", "Constant": "1", "Attribute": "a.b",
        "Subscript": "a[1]", "Starred": "abs(*a)", "Name": "a", "List": "[a]", "Tuple": "(a, b)",
        "Slice": "a[1:2]", "TemplateStr": "t''", "Interpolation": "t'{a}'",
    }  # fmt: skip
    kinds = {kind.__name__ for kind in ast.expr.__subclasses__()}
    assert kinds - {"Num", "Str", "Bytes", "NameConstant", "Ellipsis"} <= set(sources)
    passing = {
        "BoolOp", "BinOp", "UnaryOp", "Compare", "Call", "Constant", "Attribute", "Subscript", "Name",
        "Tuple", "Slice",
    }  # fmt: skip
    for kind, text in sources.items():
        try:
            parse(text)
        except ExpressionError:
            assert kind not in passing, text
        else:
            assert kind in passing, text


WORDS = [
    *FUNCTIONS, *UNITS, "pi", "run", "trigger", "ecal.energy", "srd.energy", "straw11.x",
    "master_time", "ldmx.ecal.energy", "and", "or", "not", "if", "else", "lambda", "in", "is", "axis",
    "ix", "iy", "plane", "(", ")", "[", "]", "{", "}", ",", ":", "=", "==", "!=", "<", "<=", ">", ">=",
    "+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "~", "<<", "@", ".", "0", "1", "2", "4", "0.5",
    "1e300", "1e-300", "9" * 30, "1_0", "0x1f", "1j", "'s'", "f'{x}'", "None", "True", "__class__",
    "µ", "ﬁ", "\x00", "\ud800", "#", ";", "\n", "\\", ":=", "!", "$",
]  # fmt: skip

VALID = [
    "where(abs(ecal.time - ecal.expected_time) < 3*ecal.time_sigma, ecal.energy, 0*GeV)",
    "all(srd.energy > 1*MeV) and all(srd.energy < 80*MeV)",
    "not any(hcal.energy[0] > 0.5*GeV) or sum(hcal.energy[0]) < 2*hcal.energy[0, 1, 1]",
    "argmax(ecal.energy[1]) == (2, 2)",
    "trigger & 4 != 0",
    "1 <= straw3.nx <= 5 and len(straw11.x) <= 1",
    "hypot(sum(ecal.energy, axis=(ix, iy))[0], 1*GeV) > sqrt(4*GeV**2)",
    "count(ecal.energy[0:1, :, 2:] > 10*MeV) % 3 == max(run, 2)",
    "sin(track.angle) < pi/180 or isnan(track.momentum)",
]


@pytest.mark.parametrize("text", VALID)
def test_a_right_expression_is_accepted(text, names):
    assert attempt(text, names) is None


@hunt
@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda b: b.decode("latin-1")))
@example("\x00")
def test_any_text_is_read_or_refused(names, text):
    message = attempt(text, names)
    assert message is None or shows_and_explains(message, text)


@hunt
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=25), st.sampled_from(["", " "]))
def test_any_soup_of_words_is_read_or_refused(names, words, between):
    text = between.join(words)
    message = attempt(text, names)
    assert message is None or shows_and_explains(message, text)


@st.composite
def mutated(draw):
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(text)))
        stop = draw(st.integers(place, min(len(text), place + 6)))
        text = text[:place] + draw(st.sampled_from(["", *WORDS])) + text[stop:]
    return text


@hunt
@given(mutated())
def test_any_right_expression_with_errors_is_read_or_refused(names, text):
    message = attempt(text, names)
    assert message is None or shows_and_explains(message, text)


@st.composite
def nested(draw):
    text = draw(st.sampled_from(["run", "1", "ecal.energy", "1*GeV", "srd.energy > 1*MeV"]))
    wraps = draw(
        st.lists(
            st.sampled_from(
                [
                    "({})", "-({})", "abs({})", "sum({})", "not ({})", "({})[0]", "({})**2", "({})**16",
                    "({0}) + ({0})", "({0}) * ({0})", "any({})", "count({})", "where({0} > 1, {0}, 1)",
                    "count(ecal.energy > ({}))", "sqrt({})", "min({0}, {0})", "({})*GeV", "({})/(1*MeV)",
                    "where(count(ecal.energy > ({})) > 1, 1*GeV, 2*GeV)", "argmax({}) == (0,)",
                ]
            ),
            min_size=1,
            max_size=30,
        )
    )  # fmt: skip
    for wrap in wraps:
        if len(text) < 3000:
            text = wrap.format(text)
    return text


@hunt
@given(nested())
def test_any_nesting_is_bounded_in_time_and_memory(names, text):
    tracemalloc.start()
    start = time.process_time()
    try:
        attempt(text, names)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000
    assert time.process_time() - start < 3


def test_nested_counts_are_checked_once_each(names):
    text = "1*GeV"
    for _ in range(20):
        text = f"where(count(ecal.energy > {text}) > 1, 1*GeV, 2*GeV)"
    start = time.process_time()
    assert attempt(text, names) is None
    assert time.process_time() - start < 2


def test_a_unit_to_a_power_of_powers_costs_no_time(names):
    power, one = "sum(ecal.energy)", "(1*MeV)"
    for _ in range(12):
        power, one = f"({power})**16", f"({one})**16"
    start = time.process_time()
    message = attempt(f"{power} > {one}", names)
    assert message is not None
    assert "too high a power" in message
    assert time.process_time() - start < 2


def stable(text):
    once = parse(text).canonical
    if len(once) <= 4000:
        assert parse(once).canonical == once
        assert parse(once).names == parse(text).names
    return once


@pytest.mark.parametrize("text", VALID)
def test_the_canonical_form_is_its_own(text):
    spaced = text.replace(" ", "  \n ").replace("(", "( ")
    assert stable(spaced) == stable(text) == stable(f"({text})")


@hunt
@given(mutated() | nested() | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_the_canonical_form_of_whatever_parses_is_stable(text):
    try:
        parse(text)
    except ExpressionError:
        return
    stable(text)


def test_different_expressions_have_different_canonical_forms():
    texts = ["a + b * c", "(a + b) * c", "a - (b - c)", "a - b - c", "not a == b", "a < b < c",
             "(a < b) and (b < c)", "-a ** 2", "(-a) ** 2", "a[0, 1]", "a[0][1]", "1.0", "1", "1e1"]  # fmt: skip
    assert len({parse(text).canonical for text in texts}) == len(texts)


def test_names_are_the_columns_and_observables():
    found = parse("sum(ecal.energy, axis=ix)[0] > 2*GeV*pi and trigger & 4 and veto")
    assert found.names == {"ecal.energy", "trigger", "veto"}
