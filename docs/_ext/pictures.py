"""Pictures of the first page, drawn by the package itself when the documentation is built.

They lie in `_build`, which git does not know, and are drawn anew when the package has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

if TYPE_CHECKING:
    from na64ana.plot import Plot

__all__ = ["setup"]

SELECTION = "na64e-invisible-2023"
EVENTS = 20_000
FOLDER = "_build/pictures"


def _events(folder: Path) -> dict[str, Plot]:
    """A dimuon of simulated pseudo-data, and the plane of all events with its closed box."""
    import na64ana as na
    from na64ana import plot
    from na64ana.run import find_event
    from na64ana.simulate import simulate, write_tout

    file = str(folder / "simulated.root")
    write_tout(file, simulate("run-period", EVENTS, seed=2023), kind="pseudo-data")
    record = na.run(SELECTION, file, progress=False)
    dimuon = ":".join(str(number) for number in record.channels["dimuon"].survivors[0])
    return {
        "event": plot.display_event(find_event(file, dimuon, selection=SELECTION)),
        "plane": plot.plane(record, "ecal_vs_hcal"),
    }


def _reach(_: Path) -> dict[str, Plot]:
    """Dark photons with the exposure and the background that were analysed of 2016 to 2022.

    9.37e11 electrons: arXiv:2307.02404; 0.51 +- 0.13 events: the collaboration's talk of 2023.
    """
    from na64ana import plot, signal

    model = signal.model("dark-photon")
    counting = signal.Counting(background=0.51, background_error=0.13)
    setup = signal.setup("na64e", exposure=9.37e11)
    found = signal.reach(model, setup, np.geomspace(1e-3, 1, 25), counting.limits())
    return {"reach": plot.plot_reach(signal.refined(found), signal.published(model))}


PICTURES: dict[tuple[str, ...], Callable[[Path], dict[str, Plot]]] = {
    ("event", "plane"): _events,
    ("reach",): _reach,
}


def _sources(root: Path) -> Iterator[Path]:
    """What a picture depends on."""
    yield Path(__file__)
    for folder in ("na64ana", "selections", "datasets"):
        yield from (path for path in root.joinpath(folder).rglob("*.*") if path.suffix != ".pyc")


def _draw(app: Sphinx) -> None:
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    changed = max(path.stat().st_mtime for path in _sources(Path(app.srcdir).parent))
    for names, draw in PICTURES.items():
        paths = [folder / f"{name}.png" for name in names]
        if all(path.exists() and path.stat().st_mtime > changed for path in paths):
            continue
        with TemporaryDirectory() as scratch:
            for name, made in draw(Path(scratch)).items():
                made.figure.savefig(folder / f"{name}.png", dpi=160, bbox_inches="tight")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Draw before pages are read."""
    app.connect("builder-inited", _draw)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
