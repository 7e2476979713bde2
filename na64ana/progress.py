"""A progress bar on standard error, where someone looks on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Task

__all__ = ["Progress", "counting", "progress_bar"]


class Progress(Protocol):
    """What a run tells of itself while it goes on."""

    def advance(self, events: int, size: int = 0) -> None:
        """So many more events are done, which have so many bytes in their files."""
        ...

    def survivors(self, n: int | None) -> None:
        """So many events of all that is done survived; None where there is nothing to show."""
        ...


@contextmanager
def counting(
    events: int, show: bool | None = None, *, console: Console | None = None
) -> Iterator[Progress]:
    """Show the progress of a count: events done, their rate, time left, survivors so far.

    Parameters
    ----------
    events : int
        How many there are.
    show : bool, optional
        By default, only where standard error is a terminal or a notebook.
    console : rich.console.Console, optional
        Where it is shown; by default, on standard error.
    """
    if not _shown(show):
        yield _Silent()
        return
    with _bar(console, _counting_columns()) as bar:
        yield _Shown(bar, bar.add_task("events", total=events, survivors=None, size=0))


@contextmanager
def progress_bar(
    events: int, show: bool | None = None, what: str = "events"
) -> Iterator[Callable[[int], None]]:
    """Show progress over a number of events; yields the function that advances it.

    Parameters
    ----------
    events : int
        How many there are.
    show : bool, optional
        By default, only where standard error is a terminal or a notebook.
    """
    if not _shown(show):
        yield lambda _: None
        return
    from rich import progress

    left = (progress.TimeElapsedColumn(), progress.TimeRemainingColumn())
    with _bar(None, (*_columns(), *left)) as bar:
        task = bar.add_task(what, total=events)
        yield lambda n: bar.advance(task, n)


class _Silent:
    def advance(self, events: int, size: int = 0) -> None:
        pass

    def survivors(self, n: int | None) -> None:
        pass


class _Shown:
    def __init__(self, bar: Any, task: Any) -> None:
        self.bar, self.task, self.size = bar, task, 0

    def advance(self, events: int, size: int = 0) -> None:
        self.size += size
        self.bar.update(self.task, advance=events, size=self.size)

    def survivors(self, n: int | None) -> None:
        self.bar.update(self.task, survivors=n)


def _shown(show: bool | None) -> bool:
    return sys.stderr.isatty() or "ipykernel" in sys.modules if show is None else show


def _bar(console: Console | None, columns: tuple[Any, ...]) -> Any:
    from rich.console import Console
    from rich.progress import Progress as Bar

    return Bar(*columns, console=console or Console(stderr=True), transient=True)


def _columns() -> tuple[Any, ...]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn

    return TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()


def _counting_columns() -> tuple[Any, ...]:
    from rich.progress import ProgressColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.text import Text

    class Words(ProgressColumn):
        def __init__(self, words: Callable[[Task], str]) -> None:
            super().__init__()
            self.words = words

        def render(self, task: Task) -> Text:
            return Text(self.words(task))

    times = (TimeElapsedColumn(), TimeRemainingColumn())
    return *_columns(), Words(_rate), *times, Words(_survived)


def _rate(task: Task) -> str:
    speed = task.finished_speed or task.speed
    if not speed:
        return ""
    size = task.fields["size"] / max(1, task.completed)
    return f"{_short(speed)} events/s" + (f", {_short(speed * size)}B/s" if size else "")


def _survived(task: Task) -> str:
    n = task.fields["survivors"]
    return "" if n is None else f"{n} left"


def _short(number: float) -> str:
    """Three digits and a prefix: ``12.3k``."""
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.3g}{prefix}"
    return f"{number:.3g}"
