"""YAML that is broken, large or hostile: one message with its line, in bounded time."""

from __future__ import annotations

import gc
import time

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from na64ana.errors import SelectionError
from na64ana.yamltext import MAX_BYTES, read_yaml


@pytest.fixture
def read(tmp_path):
    def call(text):
        path = tmp_path / "some.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_yaml(path, SelectionError)

    return call


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(20)
)

REFUSED = {
    "no mapping": (b"[1, 2]", "a mapping of keys is needed, such as 'name: ...'; this is a list"),
    "only text": (b"ecal_total < 50*GeV", "this is plain text"),
    "empty": (b"", "this is empty"),
    "only a comment": (b"# nothing\n", "this is empty"),
    "duplicate key": (b"name: a\ncuts: []\nname: b\n", "line 3: key 'name' stands twice"),
    "nested duplicate": (b"a:\n  b: 1\n  b: 2\n", "line 3: key 'b' stands twice"),
    "alias": (b"a: &x [1]\nb: *x\n", "line 1: aliases"),
    "laughs": (LAUGHS.encode(), "aliases (*name) are not allowed"),
    "circle": (b"a: &x\n  b: *x\n", "aliases"),
    "merge key": (b"a: &x {c: 1}\nb: {<<: *x}\n", "aliases"),
    "tag of python": (b"a: !!python/object/apply:os.system ['true']\n", "line 1: tags such as"),
    "tag of its own": (b"a: 1\nb: !include other.yaml\n", "line 2: tags such as '!include'"),
    "binary": (b"a: !!binary aGVsbG8=\n", "tags such as"),
    "set": (b"a: !!set {x}\n", "tags such as"),
    "two documents": (b"a: 1\n---\nb: 2\n", "line 2: not YAML"),
    "tab": (b"a: 1\n\tb: 2\n", "line 2: not YAML (a tab at the beginning of the line"),
    "tab in a list": (b"a:\n\t- b: 2\n", "line 2: not YAML (a tab at the beginning of the line"),
    "tab behind spaces": (b"a:\n  b: 1\n  \tc: 2\n", "line 3: not YAML (a tab at the beginning"),
    "open bracket": (b"a: [1, 2\nb: 3\n", "not YAML"),
    "undefined alias": (b"a: *nothing\n", "line 1: not YAML"),
    "bad escape": (b'a: 1\nb: "\\UFFFFFFFF"\n', "not YAML"),
    "escape beyond Unicode": (b'a: "\\U00110000"\n', "not YAML"),
    "half a character": (b'a:\n  b: "\\ud800"\n', "line 2: not YAML"),
    "half a character as key": (b'a:\n  "\\udfff": 1\n', "line 2: not YAML"),
    "version of many digits": (b"%YAML 1." + b"1" * 5000 + b"\n---\na: 1\n", "not YAML"),
    "null byte": (b"a: \x00\n", "not YAML"),
    "not UTF-8": (b"a: \xff\xfe\n", "not text in UTF-8"),
    "a key of keys": (b"? [a, b]\n: 1\n", "line 1: a key must be plain text"),
    "deep flow": (b"a: " + b"[" * 500_000, "line 1: nested over 20 levels deep"),
    "deep blocks": (b"a: \n " + b"- " * 400_000, "line 2: nested over 20 levels deep"),
    "deep but whole": (b"a: " + b"[" * 25 + b"]" * 25, "nested over 20 levels deep"),
    "ten megabytes": (b"a: " + b"x" * 10_000_000, f"over {MAX_BYTES} bytes"),
    "a ROOT file": (b"root\x00\x00\xf2\x18\x00\x00", "not"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_one_message(read, name):
    text, said = REFUSED[name]
    start = time.process_time()
    with pytest.raises(SelectionError) as caught:
        read(text)
    assert time.process_time() - start < 10
    message = str(caught.value)
    assert said in message
    assert "some.yaml" in message
    assert len(message) < 1000
    assert not set(message) & set("\x00\x1b")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(SelectionError, match=r"none\.yaml: No such file"):
        read_yaml(tmp_path / "none.yaml", SelectionError)
    with pytest.raises(SelectionError, match="directory"):
        read_yaml(tmp_path, SelectionError)


def test_plain_data_come_out_as_written(read):
    document = read(
        "a: [1, -2.5, 1e3, 0x1f, 010, 1:30, 1_000, yes, true, null, ~, .nan, 2024-01-01]\n"
        'b: {c: "5 MeV", "d": \'x\', 3: 4}\n'
    )
    assert document.data == {
        "a": [
            1,
            -2.5,
            "1e3",
            "0x1f",
            10,
            "1:30",
            1000,
            "yes",
            True,
            None,
            None,
            ".nan",
            "2024-01-01",
        ],
        "b": {"c": "5 MeV", "d": "x", "3": 4},
    } | {"a": document.data["a"]}
    # YAML's octal and sexagesimal numbers would be traps: they are decimal, or text
    assert document.data["a"][4:6] == [10, "1:30"]
    assert document.data["a"][7] == "yes"


def test_every_item_has_its_line(read):
    document = read("name: x\ncuts:\n  - name: a\n    runs: [1,\n      2]\n")
    assert document.where("cuts", 0, "name").endswith("some.yaml, line 3")
    assert document.where("cuts", 0, "runs", 1).endswith("line 5")
    assert document.where("cuts", 0, "nothing").endswith("line 3")
    assert document.where("nothing").endswith("some.yaml")


@settings(
    max_examples=400,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.binary(max_size=100)
    | st.text(max_size=100).map(lambda s: s.encode(errors="replace"))
    | st.lists(
        st.sampled_from(
            [
                "a",
                ": ",
                "- ",
                "\n",
                "\n  ",
                "[",
                "]",
                "{",
                "}",
                ", ",
                "&x ",
                "*x",
                "!t ",
                "!!int ",
                "? ",
                "|",
                ">",
                "%YAML 1.",
                "---",
                "'",
                '"',
                "\\U",
                "\\x",
                "FFFFFFFF",
                "#",
                "<<",
                "1",
                "0o7",
                "\t",
                "\r",
                "\ufeff",
                "@",
                "`",
                "~",
            ]
        ),
        max_size=25,
    ).map(lambda words: "".join(words).encode())
)
def test_any_bytes_are_plain_data_or_refused(read, text):
    try:
        document = read(text)
        message = ""
    except SelectionError as error:
        message = str(error)
    if message:
        assert "some.yaml" in message
        return
    # what is read is what PyYAML reads, apart from the kinds of scalars
    assert isinstance(document.data, dict)
    theirs = yaml.load(text.decode(), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 -- only text comes out
    assert list(document.data) == list(theirs)


def test_python_looks_for_circles_again_after_a_file_is_read_or_refused(read):
    assert read("name: a\n").data == {"name": "a"}
    with pytest.raises(SelectionError):
        read("name: [\n")
    assert gc.isenabled()


def test_millions_of_objects_are_built_without_looking_for_circles(read):
    looked = []
    gc.callbacks.append(lambda phase, info: looked.append(info))
    try:
        read("a: [" + "{b: 1}, " * 20_000 + "{b: 1}]\n")
    finally:
        gc.callbacks.pop()
    assert len(looked) <= 4  # hundreds otherwise; once, in two calls, when it is over
