"""What several commands share: kinds of values, and options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from effnet_inspect.choices import FIT_NAMES, TABLE_FORMATS, THEMES, FitName, FormatName
from effnet_inspect.commands.output import Output
from effnet_inspect.errors import UnknownChoice
from effnet_inspect.renderers import Options

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = TypeVar("Command", bound=Callable[..., Any])


class Word(click.Choice[str]):
    """One of a few words; a wrong one is answered with the nearest."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """The word, whatever its case."""
        by_lower_case = {choice.lower(): choice for choice in self.choices}
        if str(value).lower() not in by_lower_case:
            kind = (parameter.name or "value").removesuffix("_name").replace("_", " ") if parameter else "value"
            raise UnknownChoice(kind, str(value), self.choices)
        return by_lower_case[str(value).lower()]


class Words(Word):
    """Words of a few, separated by commas; `all` is every one of them. Which they are is asked when one is given."""

    def __init__(self, choices: Callable[[], Sequence[str]]) -> None:
        super().__init__(())
        self._late_choices = choices

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        """The words, as a tuple."""
        self.choices = tuple(self._late_choices())
        if str(value).lower() == "all":
            return self.choices
        return tuple(super(Words, self).convert(word.strip(), parameter, context) for word in str(value).split(","))

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The words that begin with `incomplete`."""
        self.choices = tuple(self._late_choices())
        return super().shell_complete(context, parameter, incomplete)


class LateHelp(click.Option):
    """An option whose help takes long to make: it is made when it is shown."""

    def __init__(self, *arguments: Any, late_help: Callable[[], str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._late_help = late_help

    def get_help_record(self, context: click.Context) -> tuple[str, str] | None:
        """The option as it is written, and its help."""
        self.help = self._late_help()
        return super().get_help_record(context)


def complete_target(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The variants' names, and files where none fits."""
    from click.shell_completion import CompletionItem

    from effnet_inspect.catalog.variants import VARIANTS

    names = [CompletionItem(key, help=row.title) for key, row in VARIANTS.items() if key.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def target_argument(command: Command) -> Command:
    """The model."""
    return click.argument("target", shell_complete=complete_target)(command)


def targets_argument(command: Command) -> Command:
    """One model or more."""
    return click.argument("targets", nargs=-1, required=True, metavar="TARGET...", shell_complete=complete_target)(
        command
    )


def cache_option(command: Command) -> Command:
    """What every command takes that loads models."""
    return click.option("--no-cache", is_flag=True, help="Rebuild the model and do not cache it.")(command)


def backbone_option(command: Command) -> Command:
    """What every command takes that loads the user's own models."""
    return click.option(
        "--backbone",
        type=click.IntRange(min=1),
        help="Which EfficientNet, in a model that holds several.  [default: the first; in compare the most alike]",
    )(command)


def block_option(help_text: str) -> Callable[[Command], Command]:
    """The number of a block."""
    return click.option("--block", "-b", type=int, help=help_text)


def output_options(
    *formats: FormatName, default: FormatName = "terminal", drawn: bool = False
) -> Callable[[Command], Command]:
    """Format and file of what a command writes, and, where it can be `drawn`, how it looks: given as `output`."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_output(
            *,
            format_name: FormatName | None,
            out: str | None,
            columns: str | None = None,
            theme: Any = "light",
            dpi: int = 144,
            fit: FitName | None = None,
            width: str | None = None,
            **others: Any,
        ) -> Any:
            output = Output.of(format_name, out, formats, default, Options(theme=theme, dpi=dpi), columns)
            return command(output=output._replace(fit=fit, width=width), **others)

        decorated: Any = with_output
        for option in (*(_FIGURE_OPTIONS if drawn else ()), *_output_options(formats, default)):
            decorated = option(decorated)
        result: Command = decorated
        return result

    return decorate


_FIGURE_OPTIONS = (
    click.option(
        "--dpi",
        type=click.IntRange(1, 2400),
        default=144,
        show_default=True,
        help="PNG resolution in dots per inch.",
    ),
    click.option(
        "--theme",
        type=Word(THEMES),
        default="light",
        show_default=True,
        help="Colours of the figure; auto: an SVG follows its reader's light or dark.",
    ),
    click.option("--width", metavar="LENGTH", help="The same for any width: 7.16in, 18cm, 830px."),
    click.option(
        "--fit",
        type=Word(FIT_NAMES),
        help="What the figure is laid out for: at that size its text can be read.  [default: screen]",
    ),
)


def out_option(help_text: str) -> Callable[[Any], Any]:
    """The file that is written, or - for standard output."""
    return click.option("--out", "-o", type=click.Path(dir_okay=False, allow_dash=True), help=help_text)


def _output_options(formats: Sequence[FormatName], default: FormatName) -> Iterator[Callable[[Any], Any]]:
    yield out_option("Output file; the format is inferred from the extension.")
    if default in TABLE_FORMATS:
        yield click.option(
            "--columns",
            metavar="NAMES",
            help="Only these columns, in this order: a,b,c; or all. A wrong name is answered with those there are.",
        )
    yield click.option(
        "--format", "-f", "format_name", type=Word(formats), help=f"Output format.  [default: {default}]"
    )
