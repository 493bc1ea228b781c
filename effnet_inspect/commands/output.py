"""Where a command's result goes: the terminal, a pipe or a file; and what is said while the user waits."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from effnet_inspect.catalog.targets import FileTarget, expand_targets
from effnet_inspect.choices import DIAGRAM_FORMATS, TABLE_FORMATS, FitName, FormatName
from effnet_inspect.commands.progress import ProgressBar, is_terminal
from effnet_inspect.commands.streams import tell, write
from effnet_inspect.errors import UsageError
from effnet_inspect.renderers import FORMATS, Options, format_of, name_and_suffix

if TYPE_CHECKING:
    from effnet_inspect.library import Network
    from effnet_inspect.results import Figure, Report, WalkThrough

STANDARD_OUTPUT = "-"
FORMATS_WITH_COLUMNS = frozenset(TABLE_FORMATS) - {"json"}
BINARY_FORMATS: tuple[FormatName, ...] = ("png", "pdf")
SAVED_MODEL_FILES = ("saved_model.pb", "keras_metadata.pb")


class Output(NamedTuple):
    """How and where a result is written; `file` is None for standard output.

    `is_chosen` says whether the user named a file or standard output. A figure is laid out for `fit` or `width`.
    """

    format_name: FormatName
    file: str | None
    options: Options
    is_chosen: bool = False
    fit: FitName | None = None
    width: str | None = None

    @staticmethod
    def of(
        format_name: FormatName | None,
        out: str | None,
        choices: Sequence[FormatName],
        default: FormatName,
        options: Options,
        columns: str | None = None,
    ) -> Output:
        """What was asked for by the options of a command that can write `choices`.

        Raises:
            UsageError: where the file's extension names no format of this command, or it has no columns to choose.
        """
        file = None if out is None or out == STANDARD_OUTPUT else out
        if format_name is None:
            format_name = default if file is None else _format_of(file, choices)
        if columns is not None and format_name not in FORMATS_WITH_COLUMNS:
            raise UsageError(f"--columns chooses columns of tables; {format_name!r} has none")
        chosen = () if columns is None else tuple(name.strip() for name in columns.split(","))
        return Output(format_name, file, options._replace(columns=chosen), is_chosen=out is not None)

    @property
    def is_drawn(self) -> bool:
        """Whether a figure is wanted."""
        return self.format_name in DIAGRAM_FORMATS

    @property
    def needs_file(self) -> bool:
        """Whether a figure would go into a terminal because no place was named."""
        return self.is_drawn and self.goes_to_terminal

    @property
    def goes_to_terminal(self) -> bool:
        """Whether the user named no place, and standard output is a terminal."""
        return not self.is_chosen and is_terminal(sys.stdout)

    def with_file_for(self, networks: Sequence[Network], marks: Sequence[str]) -> Output:
        """The same; where a figure would go into a terminal, into a file in the current folder.

        That is named by the models and by `marks`, what is not as usual in the figure.
        """
        if not self.needs_file:
            return self
        options = [
            *([self.fit] if self.fit not in (None, "screen") else []),
            *([self.width] if self.width else []),
            *([] if self.options.theme == "light" else [self.options.theme]),
        ]
        return self._replace(file=default_file(networks, (*marks, *options), self.format_name))

    def write(self, result: Report | Figure | WalkThrough) -> None:
        """Write to the file or to standard output, and say what is to be said of a figure.

        Raises:
            RenderError: where the result cannot be rendered or written.
            UsageError: where it is no text and standard output is a terminal.
        """
        self._write(result)
        if self.is_drawn and result.remark:
            tell(as_options(result.remark))

    def _write(self, result: Report | Figure | WalkThrough) -> None:
        options = self.options
        if self.file is not None:
            from pathlib import Path

            from effnet_inspect.files import save

            path = Path(self.file)
            save(path, self._rendered(result, options))
            tell(f"Wrote {path}")
            return
        if is_terminal(sys.stdout):
            if self.format_name in BINARY_FORMATS:
                raise UsageError(
                    f"a terminal cannot show {self.format_name.upper()}; name a file with --out, or send it to a pipe"
                )
            from shutil import get_terminal_size

            colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
            options = options._replace(width=get_terminal_size().columns, colour=colour)
        write(self._rendered(result, options))

    def _rendered(self, result: Report | Figure | WalkThrough, options: Options) -> bytes:
        content = result.render(self.format_name, options)
        ProgressBar.of_command().close()
        return content


def as_options(sentence: str) -> str:
    """A sentence of the library with the command line's options in the place of arguments.

    >>> as_options('fit="a3" has room for it; view="block" with block=1 is lower, or without expand=True')
    '--fit a3 has room for it; --view block with --block 1 is lower, or without --expand'
    """
    import re

    argument = re.compile(r'\b([a-z]+)=(?:True|"?([\w-]+)"?)')
    return argument.sub(lambda told: "--" + " ".join(filter(None, told.groups())), sentence)


def default_file(networks: Sequence[Network], marks: Iterable[str], format_name: FormatName) -> str:
    """A file in the current folder, named by the models and by what is not as usual in what is written."""
    import re
    from pathlib import PurePath

    targets = [(network.graph.target, network.key) for network in networks]
    names = [
        PurePath(target.title).stem + target.size if isinstance(target, FileTarget) else key for target, key in targets
    ]
    return f"{re.sub(r'[^A-Za-z0-9@._-]+', '_', '-'.join((*names, *marks)))}.{format_name}"


def _format_of(file: str, choices: Sequence[FormatName]) -> FormatName:
    drawn, written = (
        {suffix for each in formats for suffix in FORMATS[each].suffixes} for formats in (DIAGRAM_FORMATS, choices)
    )
    name, suffix = name_and_suffix(file)
    if suffix.lower() in drawn - written:
        command = click.get_current_context()
        target = command.params.get("target") or "TARGET"
        raise UsageError(
            f"{suffix!r} is not supported by {command.info_name}; "
            f"to draw, use: effnet-inspect diagram {target} -o {name}"
        )
    return format_of(file, choices)


def load(words: Sequence[str], *, backbone: int | None = None, no_cache: bool = False) -> list[Network]:
    """Load the models that words name, and say on a terminal what takes long."""
    # A word that names nothing is answered before the library is imported.
    targets = expand_targets(words)
    check_output([file for target in targets if isinstance(target, FileTarget) for file in _files_of(target)])
    from effnet_inspect.library import load_networks

    bar = ProgressBar.of_command()
    networks = load_networks(targets, backbone=backbone, use_cache=not no_cache, progress=bar.update)
    bar.finish("Working out what is shown")
    return networks


def load_one(word: str, *, backbone: int | None = None, no_cache: bool = False) -> Network:
    """Load the model that a word names.

    Raises:
        UsageError: where the word names several.
    """
    if len(named := expand_targets([word])) > 1:
        raise UsageError(
            f"{word!r} names {len(named)} models, and this takes one; to see several: effnet-inspect compare"
        )
    return load([word], backbone=backbone, no_cache=no_cache)[0]


def _files_of(target: FileTarget) -> Iterator[str]:
    yield target.path
    yield from (f"{target.path}/{name}" for name in SAVED_MODEL_FILES)


def check_output(files: Sequence[str]) -> None:
    """Raises UsageError where the output would take the place of one of the files that are read."""
    context = click.get_current_context(silent=True)
    out = context.params.get("out") if context else None
    if not out or out == STANDARD_OUTPUT:
        return
    # The links and parent folders in both are followed as the file that is written is found.
    written = os.path.realpath(out)
    if any(_is_same_file(os.path.realpath(file), written) for file in files):
        raise UsageError(f"the output {out!r} would take the place of the model that is read; name another file")


def _is_same_file(one: str, other: str) -> bool:
    are_there = os.path.exists(one) and os.path.exists(other)  # noqa: PTH110  pathlib takes long to import
    return are_there and os.path.samefile(one, other)  # noqa: PTH121  likewise
