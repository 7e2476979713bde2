"""From the measured cost of an event, a file and a task to a run period on a cluster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """What work costs one core, in seconds, and what it reads.

    Parameters
    ----------
    event, file, task : seconds for each.
    bytes_per_event : bytes read for each event.
    """

    event: float
    file: float
    task: float
    bytes_per_event: float


@dataclass(frozen=True)
class Projection:
    """The wall time of a run period, and what the storage must deliver meanwhile.

    Parameters
    ----------
    seconds : wall time.
    shares : seconds of it that events, files and tasks take.
    storage : bytes per second from the storage to all cores together.
    """

    seconds: float
    shares: dict[str, float]
    storage: float


def project(
    costs: Costs, *, events: int = 10**9, cores: int = 100, events_per_file: int = 125_000,
    events_per_task: int = 100_000,
) -> Projection:  # fmt: skip
    """Project the wall time on a cluster.

    Assumed: work is spread evenly, a core of the cluster is as fast as one here, records are
    merged on the workers as they come, queueing is not counted, and the storage delivers what
    all cores ask for. The last one limits: see `Projection.storage`.

    Parameters
    ----------
    costs : measured.
    events, cores : of the run period and the cluster.
    events_per_file, events_per_task : how it is cut into files and tasks.
    """
    shares = {
        "events": events * costs.event / cores,
        "files": events / events_per_file * costs.file / cores,
        "tasks": events / events_per_task * costs.task / cores,
    }
    seconds = sum(shares.values())
    return Projection(seconds, shares, events * costs.bytes_per_event / seconds)
