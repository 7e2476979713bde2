"""Make the small ROOT files with which the tests try how files are read.

Needs only numpy and ROOT (`root==0.1a12` from PyPI); no C++ compiler, the classes are declared to
ROOT's interpreter. Files are written beside this script:

* `reading.root`: a TTree `events` with a branch of every kind, values in closed form (README.md);
* `empty.root`: the `tout` tree without entries;
* `nothing.root`: two histograms, no tree;
* `two_trees.root`: the trees `first` (4 entries) and `second` (7 entries);
* `two_cycles.root`: one tree `events`, saved after 6 entries and after 10: `events;1`, `events;2`.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import ROOT
from make_tout_small import write_tree
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
ENTRIES = 20
CLUSTER = 6  # entries: clusters of 6, 6, 6, 2
NAN_ENTRIES = (3, 11)

CLASSES = r"""
#include <vector>
#include <TBuffer.h>
#include <TClass.h>
#include <TClassStreamer.h>
#include <TFile.h>
#include <TVirtualStreamerInfo.h>

namespace made_up {
struct Hit {
  float x = 0;
  float y = 0;
  int id = 0;
};
struct Header {
  int number_ = 0;
  double weight_ = 0;
  bool real_ = false;
  std::vector<float> times_;
};
struct Opaque {
  int code = 0;
  double value = 0;
};
struct Secret {
  int code = 0;
  std::vector<float> more;
};
struct Nested {
  int code = 0;
  std::vector<Hit> hits;
};

// Opaque is written as one byte, the number of the bytes that follow, and these bytes: not at all
// what the member list in the file says.
struct OpaqueStreamer : TClassStreamer {
  TClassStreamer *Generate() const override { return new OpaqueStreamer(*this); }
  void operator()(TBuffer &buffer, void *object) override {
    auto *opaque = static_cast<Opaque *>(object);
    UChar_t size = opaque->code, byte = 7;
    if (buffer.IsReading()) {
      buffer >> size;
      opaque->code = size;
      for (int i = 0; i < size; ++i) buffer >> byte;
    } else {
      buffer << size;
      for (int i = 0; i < size; ++i) buffer << byte;
    }
  }
};

inline void install() { TClass::GetClass("made_up::Opaque")->AdoptStreamer(new OpaqueStreamer); }

// Leave the member list of a class out of the file.
inline void hide(TFile *file, const char *name) {
  file->GetClassIndex()->AddAt(0, TClass::GetClass(name)->GetStreamerInfo()->GetNumber());
}
} // namespace made_up
"""


def create(name: str) -> Any:
    """Create a file, zlib level 1."""
    return ROOT.TFile(name, "RECREATE", "", 101)


def fill(vector: Any, values: list[Any]) -> None:
    """Replace the content of a std::vector."""
    vector.clear()
    for value in values:
        vector.push_back(value)


def book_plain(tree: Any) -> Callable[[int], None]:
    """Book scalars and C arrays; return what sets their values for an entry."""
    leaves = {
        "i4": ("I", np.int32),
        "flag": ("O", np.bool_),
        "f4": ("F", np.float32),
        "f8": ("D", np.float64),
        "u8": ("l", np.uint64),
        "i8": ("L", np.int64),
    }
    scalars: dict[str, NDArray[Any]] = {}
    for name, (code, dtype) in leaves.items():
        scalars[name] = np.zeros(1, dtype=dtype)
        tree.Branch(name, scalars[name], f"{name}/{code}")
    grid = np.zeros((5, 6))
    tree.Branch("grid", grid, "grid[5][6]/D")
    n, y = np.zeros(1, dtype=np.int32), np.zeros(8, dtype=np.float32)
    tree.Branch("n", n, "n/I")
    tree.Branch("y", y, "y[n]/F")

    def set_values(i: int) -> None:
        scalars["i4"][0] = 10 * i - 50
        scalars["flag"][0] = i % 3 == 0
        scalars["f4"][0] = i / 4
        scalars["f8"][0] = math.nan if i in NAN_ENTRIES else i + 0.125
        scalars["u8"][0] = 2**63 + i
        scalars["i8"][0] = -(2**40) - i
        grid[...] = 100 * i + 10 * np.arange(5)[:, np.newaxis] + np.arange(6)
        n[0] = i % 4
        y[: i % 4] = 10 * i + np.arange(i % 4) + 0.5

    return set_values


def book_vectors(tree: Any) -> Callable[[int], None]:
    """Book std::vector and std::string; return what sets their values for an entry."""
    vector_float = ROOT.std.vector["float"]()
    vector_int = ROOT.std.vector["int"]()
    vector_empty = ROOT.std.vector["double"]()
    vector_vector = ROOT.std.vector["std::vector<float>"]()
    label = ROOT.std.string()
    tree.Branch("vector_float", vector_float)
    tree.Branch("vector_int", vector_int)
    tree.Branch("vector_empty", vector_empty)
    tree.Branch("vector_vector", vector_vector)
    tree.Branch("label", label)

    def set_values(i: int) -> None:
        fill(vector_float, [10 * i + k + 0.5 for k in range(i % 3)])
        fill(vector_int, [100 * i - k for k in range(i % 5)])
        vector_empty.clear()
        vector_vector.clear()
        for j in range(i % 3):
            inner = ROOT.std.vector["float"]()
            fill(inner, [100 * i + 10 * j + k for k in range((i + j) % 4)])
            vector_vector.push_back(inner)
        label.assign("" if i % 5 == 0 else f"event {i}")

    return set_values


def hit(x: float, y: float, number: int) -> Any:
    """Make a `made_up::Hit`."""
    one = ROOT.made_up.Hit()
    one.x, one.y, one.id = x, y, number
    return one


def book_split(tree: Any) -> Callable[[int], None]:
    """Book split objects and collections; return what sets their values for an entry."""
    hits = ROOT.std.vector["made_up::Hit"]()
    header, beam = ROOT.made_up.Header(), ROOT.made_up.Header()
    vectors = ROOT.TClonesArray("TVector3")
    tree.Branch("hits", hits, 32000, 99)
    tree.Branch("header", header, 32000, 99)
    tree.Branch("beam.", beam, 32000, 99)
    tree.Branch("vectors", vectors, 32000, 99)

    def set_values(i: int) -> None:
        fill(hits, [hit(10 * i + k, -10 * i - k, k) for k in range(i % 4)])
        for one, sign in ((header, 1), (beam, -1)):
            one.number_, one.weight_, one.real_ = sign * i, sign * i / 8, i % 2 == 0
            fill(one.times_, [sign * (10 * i + k) for k in range(i % 3)])
        vectors.Clear()
        for k in range(i % 3):
            vectors.ConstructedAt(k).SetXYZ(i, k, 10 * i + k)

    return set_values


def book_unreadable(tree: Any) -> Callable[[int], None]:
    """Book what uproot can not read; return what sets the values for an entry."""
    opaque, secret = ROOT.made_up.Opaque(), ROOT.made_up.Secret()
    nested = ROOT.made_up.Nested()
    mixed = np.zeros(16, dtype=np.uint8)
    tree.Branch("opaque", opaque, 32000, 0)
    tree.Branch("secret", secret, 32000, 0)
    tree.Branch("nested", nested, 32000, 0)
    tree.Branch("mixed", mixed, "number/I:text/C")

    def set_values(i: int) -> None:
        opaque.code = i % 7
        secret.code = i
        fill(secret.more, [float(k) for k in range(i % 3)])
        nested.code = i
        fill(nested.hits, [hit(k, k, k) for k in range(i % 3 + 1)])
        mixed[0], mixed[4] = i, ord("a") + i

    return set_values


def write_reading() -> None:
    """Write `reading.root`."""
    file = create("reading.root")
    tree = ROOT.TTree("events", "branches of every kind")
    tree.SetAutoFlush(CLUSTER)
    setters = [book(tree) for book in (book_plain, book_vectors, book_split, book_unreadable)]
    for i in range(ENTRIES):
        for set_values in setters:
            set_values(i)
        tree.Fill()
    tree.Write()
    ROOT.made_up.hide(file, "made_up::Secret")
    file.Close()


def write_nothing() -> None:
    """Write `nothing.root`: histograms only."""
    file = create("nothing.root")
    one = ROOT.TH1D("h1", "a histogram", 4, 0, 4)
    one.Fill(1.5, 3.0)
    two = ROOT.TH2F("h2", "another", 2, 0, 2, 3, 0, 3)
    two.Fill(0.5, 2.5)
    file.Write()
    file.Close()


def fill_counter(tree: Any, entries: int, sign: int) -> None:
    """Fill a branch `x` with sign * entry."""
    x = np.zeros(1)
    tree.Branch("x", x, "x/D")
    for i in range(entries):
        x[0] = sign * i
        tree.Fill()
    tree.ResetBranchAddresses()


def write_two_trees() -> None:
    """Write `two_trees.root`."""
    file = create("two_trees.root")
    for name, entries, sign in (("first", 4, 1), ("second", 7, -1)):
        tree = ROOT.TTree(name, name)
        fill_counter(tree, entries, sign)
        tree.Write()
    file.Close()


def write_two_cycles() -> None:
    """Write `two_cycles.root`: one tree at two moments, as a job that saves often leaves it."""
    file = create("two_cycles.root")
    tree = ROOT.TTree("events", "events")
    x = np.zeros(1)
    tree.Branch("x", x, "x/D")
    for i in range(10):
        x[0] = i
        tree.Fill()
        if i == 5:
            tree.Write()
    tree.Write()
    file.Close()


def main() -> None:
    """Write all files."""
    if not ROOT.gInterpreter.Declare(CLASSES):
        raise SystemExit("ROOT does not compile the classes")
    ROOT.made_up.install()
    with contextlib.chdir(HERE):  # a ROOT file holds its own path as it was given
        write_reading()
        write_tree([], Path("empty.root"))
        write_nothing()
        write_two_trees()
        write_two_cycles()


if __name__ == "__main__":
    main()
