"""Damaged variants of a ROOT file, each run through a selection: a program, run by the tests.

    python damage.py FILE SEED NUMBER FOLDER

prints one line of JSON a variant: what was done to the file, and what came of it, ``same`` (the
record of the undamaged file), ``refused`` (an `Na64Error` that names the place) or what is wrong.
It runs as a process of its own so that a hang can be ended and memory bounded. It knows nothing
of uproot: records are found by walking the file (ROOT reference guide, TFile and TKey).
"""

from __future__ import annotations

import json
import random
import resource
import signal
import struct
import sys
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import na64ana
from na64ana.errors import Na64Error

SELECTION = na64ana.Selection.load("na64e-invisible-2023")
MEMORY = 4 << 30  # bytes of addresses
SECONDS = 60  # for one variant, which takes a tenth of one: only a hang takes longer
BASKET = b"TBasket"
#: what stands in a file under these names is no longer that, but something of the same length
CLASSES = [
    (b"TBasket", b"TBranch"),
    (b"TTree", b"TList"),
    (b"TFile", b"TTree"),
    (b"TList", b"TTree"),
    (b"RBlob", b"TTree"),
    (b"ROOT::RNTuple", b"ROOT::RNTuplf"),
    (b"ROOT::RNTuple", b"TObjArray\0\0\0\0"),
    (b"StreamerInfo", b"TBasketTree2"),
    (b"ZL\x08", b"ZS\x01"),
    (b"ZL\x08", b"L4\x01"),
    (b"ZS\x01", b"ZL\x08"),
    (b"ZS\x01", b"XZ\x00"),
]


class TooSlow(BaseException):
    """No exception that reading could take for damage."""


@dataclass(frozen=True)
class Part:
    """One record of the file, of a branch where it is a basket."""

    start: int
    content: int
    stop: int
    branch: str


@dataclass
class Variant:
    kind: str
    changed: list[tuple[int, int]]  # places
    content: bytes
    branches: list[str] = field(default_factory=list)  # of which it changed a basket


def parts(content: bytes) -> list[Part]:
    """Records of a file, in order."""
    found = []
    place = int.from_bytes(content[8:12], "big")
    end = int.from_bytes(content[12:16], "big")
    while place < end:
        nbytes, version, _, _, length, _ = struct.unpack_from(">ihiIhh", content, place)
        if nbytes <= 0:  # a gap
            place += max(1, -nbytes)
            continue
        strings = []
        at = place + (34 if version > 1000 else 26)
        for _ in range(2):
            strings.append(content[at + 1 : at + 1 + content[at]])
            at += 1 + content[at]
        branch = strings[1].decode() if strings[0] == BASKET else ""
        found.append(Part(place, place + length, place + nbytes, branch))
        place += nbytes
    return found


class Damage:
    """Makes variants of one file."""

    def __init__(self, content: bytes, seed: int) -> None:
        self.content, self.random = content, random.Random(seed)  # noqa: S311 - no secret
        self.parts = parts(content)
        by_size: dict[int, list[Part]] = defaultdict(list)
        for part in self.parts:
            by_size[part.stop - part.start].append(part)
        self.twins = [twins for twins in by_size.values() if len(twins) > 1]
        self.kinds: list[Callable[[], Variant]] = [
            self.truncated, self.flipped, self.flipped, self.flipped_near_a_key,
            self.flipped_near_a_key, self.flipped_at_an_end, self.overwritten, self.burst,
            self.zeroed, self.swapped, self.wrong_class, self.inserted, self.removed,
        ]  # fmt: skip

    def variants(self, number: int) -> Iterator[Variant]:
        for count in range(number):
            variant = self.kinds[count % len(self.kinds)]()
            variant.branches = sorted({
                part.branch
                for part in self.parts
                if part.branch and all(part.start <= a and b <= part.stop for a, b in variant.changed)
            })  # fmt: skip
            yield variant

    def place(self) -> int:
        return self.random.randrange(len(self.content))

    def near_a_key(self) -> int:
        """In the first bytes of the file, in a key, or in the head of a compressed block."""
        if self.random.random() < 0.1:
            return self.random.randrange(400)
        part = self.random.choice(self.parts if self.random.random() < 0.7 else self.few())
        return min(len(self.content) - 1, self.random.randrange(part.start, part.content + 12))

    def few(self) -> list[Part]:
        """Records that are no baskets."""
        return [part for part in self.parts if not part.branch]

    def with_bytes(self, kind: str, place: int, new: bytes) -> Variant:
        content = self.content[:place] + new + self.content[place + len(new) :]
        return Variant(kind, [(place, place + len(new))], content[: len(self.content)])

    def flip(self, kind: str, place: int) -> Variant:
        bit = self.random.randrange(8)
        return self.with_bytes(kind, place, bytes([self.content[place] ^ 1 << bit]))

    def truncated(self) -> Variant:
        part = self.random.choice(self.parts if self.random.random() < 0.5 else self.few())
        places = [part.start, part.content, part.stop, self.place(), self.random.randrange(400)]
        place = min(len(self.content) - 1, self.random.choice(places) + self.random.randrange(3))
        return Variant("truncated", [(place, len(self.content))], self.content[:place])

    def flipped(self) -> Variant:
        return self.flip("flipped", self.place())

    def flipped_near_a_key(self) -> Variant:
        return self.flip("flipped near a key", self.near_a_key())

    def flipped_at_an_end(self) -> Variant:
        """In what stands last in the file: the list of contents, the footer, the anchor."""
        return self.flip("flipped at the end", len(self.content) - 1 - self.random.randrange(1500))

    def overwritten(self) -> Variant:
        value = self.random.choice([0, 1, 127, 128, 255, self.random.randrange(256)])
        return self.with_bytes("overwritten", self.near_a_key(), bytes([value]))

    def burst(self) -> Variant:
        length = self.random.choice([2, 4, 8, 64, 512])
        place = self.place() if self.random.random() < 0.5 else self.near_a_key()
        return self.with_bytes("burst", place, self.random.randbytes(length))

    def zeroed(self) -> Variant:
        length = self.random.choice([4, 16, 512, 4096])
        place = self.place() if self.random.random() < 0.5 else self.near_a_key()
        return self.with_bytes("zeroed", place // length * length, bytes(length))

    def swapped(self) -> Variant:
        """Two records of the same size, keys included, or any two pieces."""
        if self.twins and self.random.random() < 0.7:
            pair = self.random.sample(self.random.choice(self.twins), 2)
            kind, changed = "swapped records", sorted((part.start, part.stop) for part in pair)
        else:
            length = self.random.choice([8, 64, 512, 4096])
            places = sorted(self.random.sample(range(len(self.content) // length), 2))
            kind, changed = "swapped", [(n * length, (n + 1) * length) for n in places]
        (start, stop), (other, end) = changed
        text = bytearray(self.content)
        text[start:stop], text[other:end] = self.content[other:end], self.content[start:stop]
        return Variant(kind, changed, bytes(text))

    def wrong_class(self) -> Variant:
        old, new = self.random.choice([pair for pair in CLASSES if pair[0] in self.content])
        places = []
        place = self.content.find(old)
        while place >= 0:
            places.append(place)
            place = self.content.find(old, place + 1)
        return self.with_bytes(f"{old!r} is {new!r}", self.random.choice(places), new)

    def inserted(self) -> Variant:
        place = self.place()
        content = self.content[:place] + self.random.randbytes(1) + self.content[place:]
        return Variant("inserted", [(place, len(self.content))], content)

    def removed(self) -> Variant:
        """Bytes are missing, and as many stand at the end that do not belong there."""
        place, length = self.place(), self.random.choice([1, 4, 100])
        content = self.content[:place] + self.content[place + length :] + bytes(length)
        return Variant("removed", [(place, len(self.content))], content)


def count(path: Path) -> str:
    """The record of a file as JSON, without what names the file and who counted when."""
    record = replace(na64ana.run(SELECTION, [path]), made=())
    text = record.to_json()
    for name in (str(path), record.inputs[0].uuid):
        if name:
            text = text.replace(json.dumps(name), '"the file"')
    return text


def outcome(variant: Variant, path: Path, expected: str) -> str:
    """Run one variant: what came of it."""
    path.write_bytes(variant.content)
    signal.alarm(SECONDS)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            got = count(path)
    except Na64Error as error:
        return unnamed(str(error), variant, path) or (
            f"warning {caught[0].message}" if caught else "refused"
        )
    except TooSlow:
        return "hangs"
    except BaseException:  # noqa: BLE001 - any exception but an Na64Error is what is looked for
        return traceback.format_exc()
    finally:
        signal.alarm(0)
    if caught:
        return f"warning {caught[0].message}"
    return "same" if got == expected else "wrong numbers"


def unnamed(message: str, variant: Variant, path: Path) -> str:
    """What a message fails to name."""
    wanted = [str(path)]
    if len(variant.branches) == 1:
        wanted += ["tree 'tout'", f"branch '{variant.branches[0]}'"]
    missing = [name for name in wanted if name not in message]
    return f"the message does not name {missing}: {message}" if missing else ""


def stop(*_: Any) -> None:
    raise TooSlow


def main(file: str, seed: str, number: str, folder: str) -> None:
    content = Path(file).read_bytes()
    expected = count(Path(file))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, stop)
    damaged = Path(folder) / "damaged.root"
    for place, variant in enumerate(Damage(content, int(seed)).variants(int(number))):
        start = time.monotonic()
        told = {
            "seed": int(seed),
            "number": place,
            "kind": variant.kind,
            "changed": variant.changed,
        }
        print(json.dumps(told | {"outcome": "dies"}), flush=True)
        result = outcome(variant, damaged, expected)
        told["seconds"] = round(time.monotonic() - start, 3)
        print(json.dumps(told | {"outcome": result}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
