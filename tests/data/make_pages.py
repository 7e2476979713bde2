"""Make the small RNTuple file with which the tests try how pages are decoded.

Needs only numpy and ROOT (`root==0.1a12` from PyPI). `pages.root`, beside this script, holds the
same 90 entries twice: in the RNTuple `split`, compressed, and in `plain`, not compressed, where
ROOT stores numbers as they are. Values have closed forms (README.md). Pages are small, so that
entries go over their ends, and clusters are of 40, 40 and 10 entries.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import ROOT

HERE = Path(__file__).resolve().parent
ENTRIES = 90
CLUSTER = 40  # entries: clusters of 40, 40, 10
PAGE = 128  # bytes

TYPES = {
    "i1": "std::int8_t",
    "u1": "std::uint8_t",
    "i2": "std::int16_t",
    "u2": "std::uint16_t",
    "i4": "std::int32_t",
    "u4": "std::uint32_t",
    "i8": "std::int64_t",
    "u8": "std::uint64_t",
    "f4": "float",
    "f8": "double",
    "flag": "bool",
    "same": "double",
    "five": "std::vector<float>",
    "three": "std::vector<std::uint64_t>",
    "hits": "std::vector<double>",
    "steps": "std::vector<std::int32_t>",
    "some": "std::vector<float>",
    "none": "std::vector<double>",
    "array": "std::array<float, 3>",
    "nested": "std::vector<std::vector<float>>",
}

CHOICE = """
#include <ROOT/RFieldBase.hxx>
inline void made_up_column(ROOT::RFieldBase &field, ROOT::ENTupleColumnType type) {
  field.SetColumnRepresentatives({{type}});
}
"""


def values(i: int) -> dict[str, Any]:
    """Return the values of an entry; lists where a vector is written."""
    return {
        "i1": i - 50,
        "u1": 2 * i,
        "i2": -300 * i,
        "u2": 700 * i,
        "i4": -1_000_000 * i,
        "u4": 40_000_000 * i,
        "i8": -(2**40) - i,
        "u8": 2**63 + i,
        "f4": i / 4,
        "f8": i + 0.125,
        "flag": i % 3 == 0,
        "same": 2.5,
        "five": [10 * i + k for k in range(5)],
        "three": [2**40 * i + k for k in range(3)],
        "hits": [10 * i + k + 0.5 for k in range(i % 4)],
        "steps": [100 * i - k for k in range(i * i % 7)],
        # of one length in the first and the last cluster, of several in between
        "some": [10 * i + k for k in range(i % 3 if i // CLUSTER == 1 else 2)],
        "none": [],
        "array": [10 * i + k for k in range(3)],
        "nested": [[100 * i + 10 * j + k for k in range((i + j) % 4)] for j in range(i % 3)],
    }


def put(target: Any, value: Any) -> None:
    """Write a list into a std::vector or std::array, and lists of lists likewise."""
    if hasattr(target, "resize"):
        target.resize(len(value))
    for k, one in enumerate(value):
        if isinstance(one, list):
            put(target[k], one)
        else:
            target[k] = one


def write(file: Any, name: str, compression: int, index: Any) -> None:
    """Write an RNTuple; the ends of the lists of `hits` are in a column of type ``index``."""
    model = ROOT.RNTupleModel.Create()
    for field, cpp in TYPES.items():
        model.MakeField[cpp](field)
    ROOT.made_up_column(model.GetMutableField("hits"), index)
    options = ROOT.RNTupleWriteOptions()
    options.SetCompression(compression)
    options.SetInitialUnzippedPageSize(PAGE // 2)
    options.SetMaxUnzippedPageSize(PAGE)
    writer = ROOT.RNTupleWriter.Append(ROOT.std.move(model), name, file, options)
    entry = writer.CreateEntry()
    for i in range(ENTRIES):
        if i and i % CLUSTER == 0:
            writer.CommitCluster()
        for field, value in values(i).items():
            if isinstance(value, list):
                put(entry[field], value)
            else:
                entry[field] = value
        writer.Fill(entry)
    writer.CommitDataset()


def main() -> None:
    """Write the file."""
    if not ROOT.gInterpreter.Declare(CHOICE):
        raise SystemExit("ROOT does not compile the choice of columns")
    types = ROOT.ENTupleColumnType
    with contextlib.chdir(HERE):  # a ROOT file holds its own path as it was given
        file = ROOT.TFile("pages.root", "RECREATE", "", 101)
        write(file, "split", 101, types.kSplitIndex32)
        write(file, "plain", 0, types.kIndex32)
        file.Close()


if __name__ == "__main__":
    main()
