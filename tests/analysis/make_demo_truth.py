"""Make demo_truth.json: what the generator of the demo leaves in the signal box, per event.

Every process of the mixture is simulated by itself, in proportion to its share, and counted with
the demo's selection. Run it from the top of the checkout (some minutes):

    python tests/analysis/make_demo_truth.py [EVENTS]
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from pathlib import Path

import numpy as np

import na64ana as na
from na64ana.analysis import load_analysis
from na64ana.analysis.searches import search_path
from na64ana.simulate import MODES, shares, simulate_blocks, write_tout

DEMO = load_analysis(search_path("demo")).spec
assert DEMO.simulation is not None
PLAN = DEMO.simulation
EVENTS = 4_000_000
SEED = 20_261_123
SIDEBAND = (50.0, 80.0)  # GeV
BINS = 60


def main(events: int) -> None:
    mode = MODES[PLAN.mode]
    edges = np.linspace(*SIDEBAND, BINS + 1)
    processes = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, share in shares(mode, mode.parameters).items():
            n = max(1, round(events * share))
            file = Path(folder) / f"{name}.root"
            write_tout(file, simulate_blocks(name, n, seed=SEED, run=1), kind="simulation")
            record = na.run(DEMO.selection, file, progress=False)
            file.unlink()
            kept = record.regions["ecal_sideband"].kept["ecal_total"]
            weight = share / n
            last, muons = (record.channels[c].rows[-1].sequential for c in ("main", "dimuon"))
            assert last is not None
            assert muons is not None
            boxed = last.n
            processes[name] = {
                "share": share,
                "simulated": n,
                "in_box": boxed,
                "per_event": boxed * weight,
                "error": math.sqrt(boxed) * weight,
                "dimuon": muons.n,
                "sideband": np.histogram(kept, edges)[0].tolist(),
            }
            print(name, boxed, "of", n, flush=True)  # noqa: T201
    content = {
        "made_by": f"tests/analysis/make_demo_truth.py {events}",
        "selection": na.Selection.load(DEMO.selection).sha256,
        "seed": SEED,
        "per_event": sum(p["per_event"] for p in processes.values()),
        "error": math.sqrt(sum(p["error"] ** 2 for p in processes.values())),
        "sideband_edges": edges.tolist(),
        "processes": processes,
    }
    path = Path(__file__).with_name("demo_truth.json")
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
