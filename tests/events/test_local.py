"""The bytes of a local file: read when asked for, as they were when it was opened, and closed."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from na64ana.errors import InputError
from na64ana.events import open_file
from na64ana.events.keys import Damaged
from na64ana.events.local import LocalSource

SMALL = Path(__file__).parents[1] / "data" / "tout_small.root"


def data_of(chunk: Any) -> bytes:
    return bytes(np.asarray(chunk.raw_data))


def test_ranges_are_the_bytes_of_the_file():
    content = SMALL.read_bytes()
    with LocalSource(str(SMALL)) as source:
        assert data_of(source.chunk(100, 300)) == content[100:300]
        assert source.num_bytes == len(content)
        with pytest.raises(Damaged, match="byte -5"):
            source.chunk(-5, 10)
    assert source.closed


def test_a_file_that_is_replaced_is_read_as_it_was(tmp_path):
    """Another file under its name does not change what an open file gives."""
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"a" * 100)
    other.write_bytes(b"b" * 100)
    with LocalSource(str(path)) as source:
        other.replace(path)
        assert data_of(source.chunk(0, 50)) == b"a" * 50


@pytest.fixture
def opened(monkeypatch):
    """All local sources that a test opens."""
    made = []
    start = LocalSource.__init__

    def noted(self, *args, **options):
        start(self, *args, **options)
        made.append(self)

    monkeypatch.setattr(LocalSource, "__init__", noted)
    return made


@pytest.mark.parametrize(
    ("place", "new"),
    [
        (8, b"\xff\x00\xff\xff"),  # where the first record begins
        (8, b"\x7f\xff\xff\xff"),
        (150, b"\xff" * 60),  # the folder, where its list of contents lies
    ],
)
def test_a_file_that_cannot_be_opened_is_closed_again(tmp_path, opened, place, new):
    """At once, not when the garbage collector comes by."""
    content = bytearray(SMALL.read_bytes())
    content[place : place + len(new)] = new
    path = tmp_path / "damaged.root"
    path.write_bytes(content)
    gc.disable()
    try:
        with pytest.raises(InputError) as caught:
            open_file(path)
        assert str(caught.value).startswith(f"{path}: ")
        # the error still holds the frames in which the file was opened
        assert [source.closed for source in opened] == [True]
    finally:
        gc.enable()
