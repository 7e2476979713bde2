"""Simulated inputs of an analysis: files and manifests, as its key `simulation` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from na64ana.analysis.load import Analysis, load_analysis
from na64ana.analysis.model import SampleSpec, SimulatedSpec, SimulationPlanSpec
from na64ana.datasets import figure
from na64ana.datasets.build import Options, build, read_facts
from na64ana.errors import AnalysisError, InputError, nearest, printable
from na64ana.progress import progress_bar
from na64ana.simulate import (
    RUN_PERIOD,
    Mode,
    Parameters,
    Sample,
    changed,
    mediators,
    mode_named,
    shares,
    simulate,
    simulate_blocks,
    write_anatree,
    write_tout,
)
from na64ana.textfile import make_folder, write_whole

__all__ = ["mode_of", "parameters_of", "signal_sample", "simulate_file", "simulate_inputs"]

ANATREE = "na64-anatree"


def simulate_inputs(path: str | Path, *, events: int | None = None, inject: int = 0) -> None:
    """Simulate the inputs of an analysis beside its file, as its key `simulation` says.

    The data are pseudo-data: they count as data, and the signal box stays closed.

    Parameters
    ----------
    path : str or Path
        The analysis file.
    events : int, optional
        Of the data, instead of the number in the file; samples that stand for so many times the
        data follow it, and so does the exposure.
    inject : int
        Signal events that are put among the data, of the process whose sample gives the efficiency.

    Raises
    ------
    AnalysisError
        The file has no such key, or it does not fit the inputs that the analysis names.
    Na64Error
        A mode or a process is unknown, or a file cannot be written.
    """
    analysis = load_analysis(path)
    plan = analysis.spec.simulation
    if plan is None:
        msg = f"{printable(str(path))}: it has no key `simulation` that says what to simulate"
        raise AnalysisError(msg)
    mode = mode_of(plan)
    total = plan.events if events is None else events
    manifest = analysis.folder / _one(analysis.spec.data, "data")
    signal = signal_sample(analysis)[1] if inject else None
    _data(manifest, plan, mode, total, signal, inject)
    for name, sample in analysis.spec.samples.items():
        if name not in plan.samples:
            msg = f"{printable(str(path))}: `simulation` does not say what sample {name} is"
            raise AnalysisError(msg)
        _sample(analysis.folder / _inputs(sample, name), plan, plan.samples[name], mode, total)


def simulate_file(
    out: Path,
    process: str,
    events: int,
    *,
    mode: str,
    seed: int,
    run: int,
    format: Literal["ttree", "rntuple"] = "ttree",
    kind: Literal["simulation", "pseudo-data"] = "simulation",
    parameters: Parameters | None = None,
    layout: str | None = None,
) -> int:
    """Simulate events into a file, with a progress bar; return their number.

    Arguments are those of `na64ana.simulate.simulate` and `na64ana.simulate.write_tout`; the
    layout is that of the mode, or ``na64-anatree``.

    Raises
    ------
    InputError
        The layout is another, or one of simulation for pseudo-data.
    """
    write = _writer(layout or mode_named(mode).layout, mode, format, kind)
    given: dict[str, Any] = {"seed": seed, "mode": mode, "run": run, "parameters": parameters}
    if not events:
        return write(out, simulate(process, 0, **given))
    with progress_bar(events, what=f"simulating {out.name}") as advance:

        def advancing() -> Iterator[Sample]:
            for sample in simulate_blocks(process, events, **given):
                yield sample
                advance(len(sample))

        return write(out, advancing())


def _writer(layout: str, mode: str, format: Any, kind: Any) -> Callable[..., int]:
    """What writes a layout."""
    if layout == mode_named(mode).layout:
        return partial(write_tout, format=format, kind=kind)
    known = (mode_named(mode).layout, ANATREE)
    if layout != ANATREE:
        near = nearest(layout, known)
        msg = f"mode {mode} writes {' or '.join(known)}, not '{printable(layout)}'{near}"
        raise InputError(msg)
    if kind != "simulation":
        raise InputError(f"{ANATREE} is a layout of simulation: it cannot hold pseudo-data")
    return partial(write_anatree, format=format)


def _one(inputs: str | list[str], what: str) -> str:
    """The manifest that is to be made."""
    if isinstance(inputs, str) and inputs.endswith((".yaml", ".yml")):
        return inputs
    msg = f"{what}: to simulate it, name one manifest to make, as data.yaml"
    raise AnalysisError(msg)


def _inputs(sample: SampleSpec, name: str) -> str:
    return _one(sample.inputs, f"sample '{printable(name)}'")


def _data(
    manifest: Path,
    plan: SimulationPlanSpec,
    mode: Mode,
    events: int,
    signal: SimulatedSpec | None,
    inject: int,
) -> None:
    """Pseudo-data of all runs, with a signal at the end of the last, and their manifest."""
    files, exposure, n = [], {}, 0
    for i, run in enumerate(plan.runs):
        n = events // len(plan.runs) + (i < events % len(plan.runs))
        files.append(manifest.with_name(f"{manifest.stem}_run{run:05d}.root"))
        simulate_file(
            files[-1], RUN_PERIOD, n, mode=mode.name, seed=plan.seed, run=run, kind="pseudo-data",
            parameters=mode.parameters,
        )  # fmt: skip
        exposure[run] = n * figure(plan.exposure).count
    if signal is not None:
        files.append(manifest.with_name(f"{manifest.stem}_signal.root"))
        events_of_it = simulate(
            signal.process, inject, seed=plan.seed, mode=mode.name, run=plan.runs[-1],
            first_event=n, parameters=parameters_of(signal, mode),
        )  # fmt: skip
        write_tout(files[-1], events_of_it, kind="pseudo-data")
    _write_manifest(manifest, files, Options(name=manifest.stem, exposure=exposure, unit=mode.unit))


def _sample(
    manifest: Path, plan: SimulationPlanSpec, spec: SimulatedSpec, mode: Mode, events: int
) -> None:
    """One simulated sample, and its manifest."""
    parameters = parameters_of(spec, mode)
    if spec.times is not None:
        share = shares(mode, mode.parameters).get(spec.process)
        if share is None:
            msg = (
                f"simulation: '{printable(spec.process)}' is no background of mode {mode.name}, "
                f"of which `times` can be said (backgrounds: {', '.join(mode.backgrounds)})"
            )
            raise AnalysisError(msg)
        n = round(spec.times * events * share)
        generated = round(n / share) * figure(plan.exposure).count
    else:
        assert spec.events is not None
        n = generated = spec.events
    file = manifest.with_suffix(".root")
    simulate_file(
        file, spec.process, n, mode=mode.name, seed=plan.seed, run=spec.run, parameters=parameters
    )
    options = Options(name=manifest.stem, exposure={}, generated=generated, unit=mode.unit)
    _write_manifest(manifest, [file], options)


def mode_of(plan: SimulationPlanSpec) -> Mode:
    """Return the mode of a plan, with the parameters that the plan changes.

    Raises
    ------
    InputError
        There is no such mode or parameter.
    """
    known = mode_named(plan.mode)
    return replace(known, parameters=changed(known.parameters, plan.parameters))


def signal_sample(analysis: Analysis) -> tuple[str, SimulatedSpec]:
    """Return the sample that gives the efficiency of the signal, the first of several.

    Raises
    ------
    AnalysisError
        None is simulated.
    """
    signal, plan = analysis.spec.signal, analysis.spec.simulation
    for one in (signal.efficiency, *(setup.efficiency for setup in signal.setups)):
        if plan is not None and one is not None and one.sample in plan.samples:
            assert one.sample is not None
            return one.sample, plan.samples[one.sample]
    msg = f"{printable(analysis.path)}: no simulated sample gives the efficiency of its signal"
    raise AnalysisError(msg)


def parameters_of(spec: SimulatedSpec, mode: Mode) -> Parameters:
    """Return the parameters of a sample: those of the mode, with the energies of a model.

    Raises
    ------
    Na64Error
        The model or the mass makes no sense for the mode.
    """
    if spec.model is None or spec.mass is None:
        return mode.parameters
    from na64ana.signal import model

    signal = mediators(model(spec.model, **spec.parameters), spec.mass, mode)
    return replace(mode.parameters, signal=signal)


def _write_manifest(path: Path, files: list[Path], options: Options) -> None:
    make_folder(path.parent)
    facts = [read_facts(str(file), options, None) for file in files]
    write_whole(path, build(str(path), None, facts, options).text)
