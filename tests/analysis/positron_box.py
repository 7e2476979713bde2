"""Expected limit of a positron search against the edges of its box: how they were chosen.

    python tests/analysis/positron_box.py positrons-70 na64e-positrons-70 0.1 0.2 0.25

simulates 60 times the events of the search, counts what is left against both edges, and prints the
table of docs/modes/positrons.md for each mass. It takes a minute; nothing tests it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import na64ana as na
from na64ana.limits.optimise import optimise_box
from na64ana.signal import model, setup
from na64ana.simulate import MODES, shares, simulate, write_tout

TIMES, EVENTS, SIGNAL = 60, 6000, 60_000
#: ECAL edges over the beam energy, HCAL edges in GeV
SHARES, HCAL = (2 / 7, 5 / 14, 3 / 7, 1 / 2, 4 / 7, 9 / 14), (0.3, 0.5, 1.0, 2.0)


def left(process, events, mode, selection):
    """E_ECAL, E_HCAL and the energy of the mediator of events that pass all but the box.

    Then the energies of all mediators.
    """
    sample = simulate(process, events, seed=77, mode=mode.name, run=77)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sample.root"
        write_tout(path, sample)
        kept = na.run(selection, path, progress=False).regions["near"].kept
    generated = sample.branches.get("truth_energy", np.empty(0))  # a background has none
    return kept["ecal_total"], kept["hcal_total"], kept["mediator"], generated


def main(mode, base, *masses):
    mode = MODES[mode]
    selection = na.Selection.from_dict(
        {
            "name": "near the box",
            "extends": base,
            "observables": {"mediator": "truth.energy"},
            "regions": {
                "near": {
                    "where": "hcal_total < 3*GeV",
                    "keep": ["ecal_total", "hcal_total", "mediator"],
                }
            },
        }
    )
    found = {
        name: left(name, round(TIMES * EVENTS * share), mode, selection)
        for name, share in shares(mode, mode.parameters).items()
    }
    ecal, hcal, *_ = (np.concatenate(parts) for parts in zip(*found.values(), strict=True))
    signal = left("invisible", SIGNAL, mode, selection)
    beam = mode.parameters.beam.energy
    edges = [round(share * beam, 1) for share in SHARES]

    def background(e, h):
        return float(np.count_nonzero((ecal < e) & (hcal < h)) / TIMES)

    for mass in masses:
        scan = optimise_box(edges, HCAL, background, efficiency(signal, float(mass), mode))
        lines = [f"{mass} GeV: best box {scan.box}; limits over the best, by ECAL edge (rows)"]
        for i, edge in enumerate(edges):
            row = " | ".join(f"{x:.2f}" for x in scan.limit[i] / scan.limit.min())
            lines.append(
                f"| {edge:g} | {scan.background[i, -2]:.2f} | {scan.efficiency[i, -2]:.2f} | {row} |"
            )
        sys.stdout.write("\n".join(lines) + "\n")


def efficiency(signal, mass, mode):
    """Of the mediators of one mass above a quarter of the beam energy, against both edges."""
    beam = mode.parameters.beam.energy
    ecal, hcal, mediator, generated = signal
    low = mode.parameters.signal.least * beam
    bins = np.linspace(low, beam, 151)  # as wide as those of the searches
    run = setup(mode.setup, threshold=low, efficiency=1.0)
    made = model("dark-photon", alpha_D=0.1).response(mass, run).spectrum
    weight = np.histogram(made.energies, bins, weights=made.numbers)[0] / made.numbers.sum()

    weight /= np.histogram(generated, bins)[0]

    def seen(e, h):
        inside = mediator[(ecal < e) & (hcal < h)]
        return float(np.sum(weight * np.histogram(inside, bins)[0]))

    return seen


if __name__ == "__main__":
    main(*sys.argv[1:])
