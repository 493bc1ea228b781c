"""A bar on standard error that says what takes long, how much of it is done, and what is left."""

from __future__ import annotations

import sys
import threading
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TextIO

import click

from effnet_inspect.text import clean

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

    from effnet_inspect.sources import Doing

PATIENCE = 0.7
"""Seconds before the bar appears: what is over sooner needs none."""

KEPT_AS = f"{__name__}.bar"


def is_terminal(stream: TextIO | None) -> bool:
    """Python has no stream at all where a shell closed it."""
    return stream is not None and stream.isatty()


class ProgressBar(AbstractContextManager["ProgressBar"]):
    """The bar of one command; it is wiped when that writes its result, or ends. Without a terminal it never shows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._doing: Doing | None = None
        self._shown: Any = None
        self._is_closed = not is_terminal(sys.stderr)

    @staticmethod
    def of_command() -> ProgressBar:
        """That of the command that runs."""
        context = click.get_current_context()
        bar: ProgressBar | None = context.meta.get(KEPT_AS)
        if bar is None:
            bar = context.meta[KEPT_AS] = context.with_resource(ProgressBar())
        return bar

    def __exit__(self, *_: object) -> None:
        self.close()

    def update(self, doing: Doing) -> None:
        """Say what goes on now."""
        with self._lock:
            self._doing = doing
            if self._shown:
                self._shown.update(self._shown.task_ids[0], **_fields(doing))
            elif self._timer is None and not self._is_closed:
                self._timer = threading.Timer(PATIENCE, self._show)
                self._timer.daemon = True
                self._timer.start()

    def finish(self, sentence: str) -> None:
        """Say what goes on now that all models are there."""
        if self._doing:
            self.update(self._doing._replace(sentence=sentence, done=self._doing.total))

    def close(self) -> None:
        """Wipe it for good."""
        with self._lock:
            self._is_closed = True
            if self._timer:
                self._timer.cancel()
            if self._shown:
                self._shown.stop()
                self._shown = None

    def _show(self) -> None:
        # Imported before the lock is taken, so that nobody waits for it.
        from rich.console import Console
        from rich.progress import Progress

        with self._lock:
            if self._doing is None or self._is_closed:
                return
            console = Console(stderr=True)
            self._shown = Progress(*_columns(self._doing.total), console=console, transient=True, expand=True)
            self._shown.add_task(**_fields(self._doing))
            self._shown.start()


def _fields(doing: Doing) -> dict[str, Any]:
    return {"description": clean(doing.sentence), "completed": doing.done, "total": doing.total}


def _columns(total: int) -> list[ProgressColumn]:
    """How far it is, where there are several models, and since when; then what goes on, as far as there is room."""
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.table import Column

    rest = Column(no_wrap=True, overflow="ellipsis", ratio=1)
    words = TextColumn("{task.description}", markup=False, table_column=rest)
    many = [BarColumn(bar_width=12), MofNCompleteColumn()] if total > 1 else []
    return [SpinnerColumn(), *many, TimeElapsedColumn(), words]
