"""Rows of CSV: what goes in comes back, and nothing in it is an order."""

from __future__ import annotations

import csv
import io

import pytest

from na64ana.csvtext import field_of, line_of, text_of


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_a_formula_becomes_text(words):
    assert text_of(words) == f"'{words}"


def test_control_characters_are_made_visible():
    assert text_of("a\x1b[2J\n\tb") == "a\\x1b[2J\\n\\tb"
    assert text_of("=\r\n") == "'=\\r\\n"


def test_long_text_is_cut_where_it_is_asked_for():
    assert text_of("x" * 300) == "x" * 300
    assert text_of("x" * 300, 200) == "x" * 200 + "..."


@pytest.mark.parametrize("words", ["a,b", 'a "b"', "# a", "a\nb", "a\rb", "a", ""])
def test_a_field_comes_back(words):
    line = line_of((words, 0.1, 7))
    assert next(csv.reader(io.StringIO(line, newline=""))) == [words, "0.1", "7"]


def test_what_would_begin_a_comment_is_quoted():
    assert field_of("# a") == '"# a"'
    assert field_of("a b") == "a b"
