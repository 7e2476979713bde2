"""The files that pages speak of: made once for all of them, and for all processes of a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock

from na64ana.cli import main

EVENTS = 2000
SPILLS = "run,spill,exposure\n" + "".join(
    f"{run},{spill},{33_000_000 + 1000 * spill}\n" for run in (9001, 9002) for spill in (1, 2, 3)
)
#: what a page makes itself
MADE_BY = {"docs/datasets.md": ["night.yaml"], "README.md": ["night.yaml"]}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The folder of ``na64ana demo``, with the names that pages use."""
    common = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # the folder of a worker is in that of the run
        common = common.parent
    folder = common / "demo-of-the-pages"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            made = common / "demo-in-the-making"
            arguments = ["demo", "--events", str(EVENTS), "--out", str(made)]
            done = CliRunner().invoke(main, arguments, catch_exceptions=False)
            assert done.exit_code == 0, done.output
            _rename(made)
            made.rename(folder)
    return folder


def _rename(folder: Path) -> None:
    """Give files the names of the pages: runs, a manifest of a night, spills, a record."""
    manifest = (folder / "demo.yaml").read_text(encoding="utf-8")
    for run in (9001, 9002):
        (file,) = folder.glob(f"*_run{run:05d}.root")
        manifest = manifest.replace(file.name, f"run{run}.root")
        file.rename(folder / f"run{run}.root")
    (folder / "night.yaml").write_text(manifest.replace("name: demo", "name: night"))
    (folder / "demo.yaml").unlink()
    analysis = (folder / "analysis.yaml").read_text(encoding="utf-8")
    (folder / "analysis.yaml").write_text(analysis.replace("data: demo.yaml", "data: night.yaml"))
    (folder / "spills.csv").write_text(SPILLS)
    (folder / "files.txt").write_text("run9001.root\nrun9002.root\n")
    shutil.copy(folder / "results" / "record.json", folder / "record.json")
    (folder / "results").rename(folder / "finished")


@pytest.fixture
def folder(demo: Path, tmp_path: Path, page: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for one page, with the files of the demo; pages share spectra of mediators."""
    monkeypatch.setenv("NA64ANA_CACHE", str(demo.with_name("spectra-of-the-pages")))
    for path in demo.iterdir():
        if path.name not in MADE_BY.get(page, ()):
            target = tmp_path / path.name
            link = path.is_dir() or path.suffix == ".root"
            target.symlink_to(path) if link else shutil.copy(path, target)
    return tmp_path
