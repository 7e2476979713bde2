"""Text files made to do harm: refused in one clear line, quickly, and without their content."""

from __future__ import annotations

import subprocess
import sys

import pytest

from na64ana import Selection
from na64ana.datasets import load_dataset
from na64ana.errors import Na64Error

WORDS = "swordfish-70b1"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
SELECTION = "name: s\nlayout: na64-tout\ncuts: [{name: c, require: run > 1}]\n"
MANIFEST = "name: d\nexposure: {runs: {1: 10}}\nfiles: [{path: a.root, spills: {1: 1-5}}]\n"

HOSTILE = {
    "a bomb of aliases": BOMB,
    "a merge of bombs": BOMB + "x: {<<: [*i, *i]}\n",
    "deep brackets": "name: " + "[" * 100_000,
    "deep blocks": "".join(" " * i + "a:\n" for i in range(3000)),
    "two megabytes of cuts": "cuts:\n" + "- {name: c, require: run > 1}\n" * 70_000,
    "ten megabytes in one text": "name: " + "x" * 10_000_000,
    "a Python object": "name: !!python/object/apply:os.system ['touch owned']\n",
    "a tag of its own": "name: !secret x\n",
    "a NUL": "name: a\0b\n",
    "not UTF-8": b"name: \xff\xfe\n",
    "two documents": "name: a\n---\nname: b\n",
    "a list": "- 1\n- 2\n",
    "nothing": "",
}


@pytest.mark.parametrize("load", [Selection.load, load_dataset], ids=["selection", "manifest"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_it_is_refused_in_few_words(tmp_path, monkeypatch, load, text):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "hostile.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Na64Error) as refused:
        load(file)
    assert "hostile.yaml" in str(refused.value)
    assert len(str(refused.value)) < 1000
    assert list(tmp_path.iterdir()) == [file]


NAMES = [
    "a; touch owned.root",
    "$(touch owned).root",
    "`touch owned`.root",
    "x|touch owned.root",
    "../../../etc/passwd",
    "\x1b]0;owned\x07\x1b[2Jclear.root",
    "a\nb\rc.root",
    "\u202etoor.gpj.root",
    "-rf.root",
    "%s%n.root",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_a_name(tmp_path, name):
    """In a manifest, at the command line, and as a file that is really called that."""
    manifest = tmp_path / "m.yaml"
    escaped = "".join(f"\\U{ord(c):08x}" for c in name)
    manifest.write_text(MANIFEST.replace("a.root", f'"{escaped}"'))
    for argument in (str(manifest), f"./{name}"):
        done = subprocess.run(
            [sys.executable, "-m", "na64ana", "cutflow", "na64e-invisible-talk", argument],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        shown = done.stdout + done.stderr
        assert all(c.isprintable() or c == "\n" for c in shown)
    assert list(tmp_path.iterdir()) == [manifest]


def test_a_file_that_is_no_yaml_is_not_shown(tmp_path):
    """`extends`, a link or a list that leads to another file says that it is wrong, not its text."""
    secret = tmp_path / "secret"
    secret.write_text(f"root:{WORDS}:0:0\n{WORDS}\n")
    inside = tmp_path / "project"
    inside.mkdir()
    (inside / "link.yaml").symlink_to(secret)
    (inside / "list.txt").symlink_to(secret)
    (inside / "s.yaml").write_text(SELECTION + "extends: ../secret\n")
    (inside / "l.yaml").write_text(SELECTION + "layout: link.yaml\n".replace("layout", "extends"))
    (inside / "m.yaml").write_text(
        "name: d\nexposure: {table: ../secret}\nfiles: [{path: a.root, spills: {1: 1-5}}]\n"
    )
    attempts = [
        lambda: Selection.load(inside / "s.yaml"),
        lambda: Selection.load(inside / "l.yaml"),
        lambda: Selection.load(inside / "link.yaml"),
        lambda: load_dataset(inside / "m.yaml"),
        lambda: load_dataset(inside / "link.yaml"),
    ]
    for attempt in attempts:
        with pytest.raises(Na64Error) as refused:
            attempt()
        assert WORDS not in str(refused.value)


def test_links_in_a_circle_are_refused(tmp_path):
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.symlink_to(two)
    two.symlink_to(one)
    for load in (Selection.load, load_dataset):
        with pytest.raises(Na64Error, match=r"one\.yaml"):
            load(one)
