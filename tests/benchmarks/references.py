"""The same 19 cuts by other means: ROOT RDataFrame, coffea; and reading without any analysis.

Each function takes the paths of files and returns the events left after each cut, in sequence;
`uproot_read`, which applies none, returns the number of events. What a cut asks is written in the
README of the shared `acceptance` folder, from which these expressions were made, apart from
na64ana's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

TREE = "tout"

# ----------------------------------------------------------------------------- ROOT RDataFrame

HELPERS = r"""
#pragma cling optimize(2)
namespace na64reference {
using Cells = ROOT::VecOps::RVec<double>;

Cells in_time(const Cells &ene, const Cells &t0, const Cells &tE, const Cells &sigma) {
  Cells kept(ene.size());
  for (std::size_t i = 0; i != ene.size(); ++i)
    kept[i] = std::abs(t0[i] - tE[i]) < 3 * sigma[i] ? ene[i] : 0.;
  return kept;
}
Cells hcal_in_time(const Cells &ene, const Cells &t0, const Cells &tE) {
  Cells kept(ene.size());
  for (std::size_t i = 0; i != ene.size(); ++i)
    kept[i] = std::abs(t0[i] - tE[i]) < 3 * 5.5 ? ene[i] : 0.;
  return kept;
}
Cells veto_in_time(const Cells &ene, const Cells &t0, const Cells &tE, const Cells &sigma) {
  Cells kept(ene.size());
  for (std::size_t i = 0; i != ene.size(); ++i)
    kept[i] = std::abs(t0[i] - tE[i]) < 3 * sigma[i / 2] ? ene[i] : 0.;
  return kept;
}
Cells above(const Cells &ene, double limit) {
  Cells kept(ene.size());
  for (std::size_t i = 0; i != ene.size(); ++i) kept[i] = ene[i] <= limit ? 0. : ene[i];
  return kept;
}
double sum(const Cells &ene, int first, int last) {
  double total = 0;
  for (int i = first; i != last; ++i) total += ene[i];
  return total;
}
double core(const Cells &ecal) {
  double total = 0;
  for (int plane = 0; plane != 2; ++plane)
    for (int ix = 1; ix != 4; ++ix)
      for (int iy = 1; iy != 4; ++iy) total += ecal[plane * 30 + ix * 6 + iy];
  return total;
}
int hottest(const Cells &ecal) {
  return int(std::max_element(ecal.begin() + 30, ecal.begin() + 60) - ecal.begin());
}
bool beside_centre(const Cells &hcal) {
  const double largest = *std::max_element(hcal.begin(), hcal.begin() + 9);
  return largest > 0.5 && !(sum(hcal, 0, 9) < 2 * hcal[4]);
}
} // namespace na64reference
using namespace na64reference;
"""

#: evaluated for the events that reach a cut that asks for them
DEFINES = {
    "srdT": "in_time(SRD_ene, SRD_t0, SRD_tE, SRD_tSigma)",
    "vhcalT": "in_time(VHCAL_ene, VHCAL_t0, VHCAL_tE, VHCAL_tSigma)",
    "ecalT": "in_time(ECAL_ene, ECAL_t0, ECAL_tE, ECAL_tSigma)",
    "ecal_total": "sum(ecalT, 0, 60)",
    "hcal": "above(HCAL_ene, 0.2)",
    "hcalT": "hcal_in_time(hcal, HCAL_t0, HCAL_tE)",
    "hcal2": "sum(hcalT, 18, 27)",
    "vetoT": "veto_in_time(VETO_enePMT, VETO_t0, VETO_tE, VETO_tSigma)",
}

CUTS = {
    "physics trigger": "(triggerSources & 4) != 0",
    "master time": "masterT >= 86.5 && masterT <= 113.5",
    "SRD": "srdT[0] > 0.001 && srdT[0] < 0.08 && srdT[1] > 0.001 && srdT[1] < 0.08"
    " && srdT[2] > 0.001 && srdT[2] < 0.08",
    "track quality": "mom_genfit_upMM > 0 && mom_genfit_upMM < 9999 && pvalue_genfit_upMM > 0.01",
    "momentum": "std::abs(mom_genfit_upMM - 100) < 10",
    "angle": "inangle_genfit_upMM < 3",
    "straw 3": "mpStraw3X >= 1 && mpStraw3X <= 5 && mpStraw3Y >= 1 && mpStraw3Y <= 5",
    "VHCAL": "sum(vhcalT, 0, 16) < 1.5",
    "straw 4": "mpStraw4X >= 1 && mpStraw4X <= 5 && mpStraw4Y >= 1 && mpStraw4Y <= 5",
    "hottest cell": "hottest(ecalT) == 30 + 2 * 6 + 2",
    "ECAL energy": "sum(ECAL_ene, 0, 60) < 120 && sum(ECAL_ene, 0, 60) - ecal_total < 30"
    " && sum(ECAL_ene, 0, 30) > 0.7",
    "ECAL ratio": "ecal_total > 0 && (ecal_total - core(ecalT)) / ecal_total < 0.06",
    "HCAL out of time": "sum(hcal, 0, 27) - sum(hcalT, 0, 18) < 50",
    "HCAL3": "sum(hcalT, 27, 36) < 2",
    "HCAL0 topology": "!beside_centre(hcalT)",
    "VETO": "vetoT[0] + vetoT[1] < 0.0076 && vetoT[2] + vetoT[3] < 0.008"
    " && vetoT[4] + vetoT[5] < 0.0076",
    "muon veto": "!(hcal2 > 2 || (hcalT[4] > 1.5 && hcalT[13] > 1.5 && hcal2 > 1.3))",
    "HCAL energy": "sum(hcalT, 0, 27) < 1",
    "ECAL box": "ecal_total < 50",
}


def rdataframe(paths: Sequence[Path], threads: int = 1) -> list[int]:
    """Count with RDataFrame: a chain of filters, a count after each, one loop over the events.

    Its expressions are compiled at the first call in a process; later calls only link them anew.
    """
    root = _root()
    if threads > 1:
        root.EnableImplicitMT(threads)
    frame = root.RDataFrame(TREE, [str(path) for path in paths])
    for name, expression in DEFINES.items():
        frame = frame.Define(name, expression)
    counts = []
    for name, expression in CUTS.items():
        frame = frame.Filter(expression, name)
        counts.append(frame.Count())
    return [int(count.GetValue()) for count in counts]


@cache
def _root() -> Any:
    import ROOT

    ROOT.gInterpreter.Declare(HELPERS)
    return ROOT


# -------------------------------------------------------------------------------------- coffea

CORE = [plane * 30 + ix * 6 + iy for plane in (0, 1) for ix in (1, 2, 3) for iy in (1, 2, 3)]


def coffea(paths: Sequence[Path]) -> list[int]:
    """Count with coffea: NanoEvents with the BaseSchema, PackedSelection, Runner's own chunks."""
    from coffea.nanoevents import BaseSchema
    from coffea.processor import IterativeExecutor, Runner

    runner = Runner(IterativeExecutor(status=False), schema=BaseSchema)
    fileset = {"run": {"files": {str(path): TREE for path in paths}}}
    return [int(count) for count in runner(fileset, _processor())["counts"]]


def _processor() -> Any:
    """Make a processor as coffea's documentation writes them."""
    import awkward as ak
    from coffea.analysis_tools import PackedSelection
    from coffea.processor import ProcessorABC

    def in_time(energy: Any, events: Any, detector: str, window: Any) -> Any:
        late = abs(events[f"{detector}_t0"] - events[f"{detector}_tE"])
        return ak.where(late < window, energy, 0)

    class Processor(ProcessorABC):  # type: ignore[misc] # coffea ships no types
        def process(self, events: Any) -> Any:
            srd = in_time(events.SRD_ene, events, "SRD", 3 * events.SRD_tSigma)
            vhcal = in_time(events.VHCAL_ene, events, "VHCAL", 3 * events.VHCAL_tSigma)
            ecal = in_time(events.ECAL_ene, events, "ECAL", 3 * events.ECAL_tSigma)
            sigma = events.VETO_tSigma[:, [0, 0, 1, 1, 2, 2]]
            veto = in_time(events.VETO_enePMT, events, "VETO", 3 * sigma)
            hcal_any = ak.where(events.HCAL_ene <= 0.2, 0, events.HCAL_ene)
            hcal = in_time(hcal_any, events, "HCAL", 3 * 5.5)

            momentum = events.mom_genfit_upMM
            total = ak.sum(ecal, axis=1)
            any_time = ak.sum(events.ECAL_ene, axis=1)
            preshower = ak.sum(events.ECAL_ene[:, :30], axis=1)
            outer = ak.where(total > 0, (total - ak.sum(ecal[:, CORE], axis=1)) / total, 1)
            module0, hcal2 = ak.sum(hcal[:, :9], axis=1), ak.sum(hcal[:, 18:27], axis=1)
            out_of_time = ak.sum(hcal_any[:, :27], axis=1) - ak.sum(hcal[:, :18], axis=1)
            two_central = (hcal[:, 4] > 1.5) & (hcal[:, 13] > 1.5)

            cuts = PackedSelection()
            cuts.add("physics trigger", (events.triggerSources & 4) != 0)
            cuts.add("master time", (events.masterT >= 86.5) & (events.masterT <= 113.5))
            cuts.add("SRD", ak.all((srd > 0.001) & (srd < 0.08), axis=1))
            cuts.add(
                "track quality",
                (momentum > 0) & (momentum < 9999) & (events.pvalue_genfit_upMM > 0.01),
            )
            cuts.add("momentum", abs(momentum - 100) < 10)
            cuts.add("angle", events.inangle_genfit_upMM < 3)
            cuts.add("straw 3", one_to_five(events.mpStraw3X) & one_to_five(events.mpStraw3Y))
            cuts.add("VHCAL", ak.sum(vhcal, axis=1) < 1.5)
            cuts.add("straw 4", one_to_five(events.mpStraw4X) & one_to_five(events.mpStraw4Y))
            cuts.add("hottest cell", ak.argmax(ecal[:, 30:], axis=1) == 2 * 6 + 2)
            cuts.add("ECAL energy", (any_time < 120) & (any_time - total < 30) & (preshower > 0.7))
            cuts.add("ECAL ratio", outer < 0.06)
            cuts.add("HCAL out of time", out_of_time < 50)
            cuts.add("HCAL3", ak.sum(hcal[:, 27:], axis=1) < 2)
            cuts.add(
                "HCAL0 topology", ~ak.any(hcal[:, :9] > 0.5, axis=1) | (module0 < 2 * hcal[:, 4])
            )
            cuts.add(
                "VETO",
                (veto[:, 0] + veto[:, 1] < 0.0076)
                & (veto[:, 2] + veto[:, 3] < 0.008)
                & (veto[:, 4] + veto[:, 5] < 0.0076),
            )
            cuts.add("muon veto", ~((hcal2 > 2) | (two_central & (hcal2 > 1.3))))
            cuts.add("HCAL energy", ak.sum(hcal[:, :27], axis=1) < 1)
            cuts.add("ECAL box", total < 50)
            left = cuts.cutflow(*cuts.names).result().nevcutflow
            return {"counts": np.array([int(number) for number in left[1:]])}

        def postprocess(self, accumulator: Any) -> Any:
            return accumulator

    return Processor()


def one_to_five(hits: Any) -> Any:
    """Tell where a chamber has 1 to 5 hits."""
    return (hits >= 1) & (hits <= 5)


# --------------------------------------------------------------------------------- plain reading

#: the branches that the cuts read
BRANCHES = (
    "triggerSources", "masterT", "mom_genfit_upMM", "pvalue_genfit_upMM", "inangle_genfit_upMM",
    "mpStraw3X", "mpStraw3Y", "mpStraw4X", "mpStraw4Y",
    "SRD_ene", "SRD_t0", "SRD_tE", "SRD_tSigma",
    "VHCAL_ene", "VHCAL_t0", "VHCAL_tE", "VHCAL_tSigma",
    "ECAL_ene", "ECAL_t0", "ECAL_tE", "ECAL_tSigma",
    "HCAL_ene", "HCAL_t0", "HCAL_tE",
    "VETO_enePMT", "VETO_t0", "VETO_tE", "VETO_tSigma",
)  # fmt: skip


def uproot_read(paths: Sequence[Path]) -> int:
    """Read the branches of the cuts as users write it, in uproot's own steps, and drop them."""
    import uproot

    files = {str(path): TREE for path in paths}
    return sum(len(step) for step in uproot.iterate(files, list(BRANCHES), library="ak"))
