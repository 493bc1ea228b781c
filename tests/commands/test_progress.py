"""The bar: shown when something takes long, on a terminal only, and gone before anything is written."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import click
import pytest

from effnet_inspect.commands import progress
from effnet_inspect.commands.progress import ProgressBar
from effnet_inspect.sources import Doing


class Terminal(io.StringIO):
    """A standard error that somebody looks at."""

    def isatty(self) -> bool:
        return True


def said(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, work: Callable[[ProgressBar, io.StringIO], None]) -> str:
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    monkeypatch.setattr("sys.stderr", stream)
    with click.Context(click.Command("any")):
        work(ProgressBar.of_command(), stream)
    return stream.getvalue()


def _until_seen(stream: io.StringIO, words: str) -> None:
    """Wait until the other thread has drawn what was said; nothing is ever drawn where nobody looks."""
    for _ in range(1_000 if stream.isatty() else 1):
        if words in stream.getvalue():
            break
        time.sleep(0.02)


def _long(bar: ProgressBar, stream: io.StringIO) -> None:
    bar.update(Doing("Building one", 0, 3))
    _until_seen(stream, "Building one")
    bar.update(Doing("Building two", 1, 3))
    _until_seen(stream, "Building two")
    bar.finish("Working out what is shown")
    _until_seen(stream, "Working out what is shown")


def _short(bar: ProgressBar, stream: io.StringIO) -> None:
    bar.update(Doing("Building one", 0, 3))


def _silent(bar: ProgressBar, stream: io.StringIO) -> None:
    bar.finish("Working out what is shown")
    time.sleep(0.2)


def _closed(bar: ProgressBar, stream: io.StringIO) -> None:
    bar.update(Doing("Building one", 0, 3))
    bar.close()
    time.sleep(0.2)


def test_what_takes_long_is_said_with_how_much_of_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = said(monkeypatch, Terminal(), _long)
    for words in ("Building one", "Building two", "0/3", "1/3", "3/3", "Working out what is shown"):
        assert words in seen


@pytest.mark.parametrize("work", [_short, _silent, _closed])
def test_nothing_is_said_of_what_is_over_soon(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[ProgressBar, io.StringIO], None]
) -> None:
    assert said(monkeypatch, Terminal(), work) == ""


def test_nothing_is_said_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, io.StringIO(), _long) == ""


def test_names_of_files_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(bar: ProgressBar, stream: io.StringIO) -> None:
        bar.update(Doing("Reading \x1b]0;title\x07a\nb\u202ec", 0, 1))
        _until_seen(stream, "title")

    seen = said(monkeypatch, Terminal(), work)
    assert "title" in seen
    assert not {"\x1b]", "\x07", "\u202e"} & {mark for mark in ("\x1b]", "\x07", "\u202e") if mark in seen}


def test_a_command_has_one_bar() -> None:
    with click.Context(click.Command("any")):
        assert ProgressBar.of_command() is ProgressBar.of_command()
