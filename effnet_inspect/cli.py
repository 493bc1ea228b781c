"""The command line: parse, call, write. Nothing is computed here, and nothing heavy is imported to say so."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, TextIO, TypeVar

import click

from effnet_inspect import __version__
from effnet_inspect.errors import EffnetInspectError, RenderError, UnknownChoice, UsageError
from effnet_inspect.renderers import DIAGRAM_FORMATS, FORMATS, TABLE_FORMATS, THEMES, Options, format_of
from effnet_inspect.words import counted

if TYPE_CHECKING:
    from pathlib import Path

    from effnet_inspect.document import Document
    from effnet_inspect.drawing import Diagram
    from effnet_inspect.graph import LayerGraph
    from effnet_inspect.variants import Target

Command = TypeVar("Command", bound=Callable[..., Any])

LEVELS = ("block", "sub-block", "module", "layer")
CLAIM_SOURCES = ("article", "paper", "paper-v2", "keras-docs")
VIEWS = ("architecture", "sub-blocks", "modules", "stem", "block", "layers", "poster")
ASPECTS = (
    "model",
    "channels",
    "sub-blocks",
    "layers",
    "operator",
    "kernel",
    "stride",
    "resolution",
    "expansion",
    "squeeze-excite",
    "parameters",
    "macs",
    "activations",
    "receptive-field",
)
STANDARD_OUTPUT = "-"
MANY_OBJECTS = 100_000


class Word(click.Choice[str]):
    """One of a few words; a wrong one is answered with the nearest."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str:
        by_lower_case = {choice.lower(): choice for choice in self.choices}
        if str(value).lower() not in by_lower_case:
            kind = (parameter.name or "value").replace("_", " ") if parameter else "value"
            raise UnknownChoice(kind, str(value), self.choices)
        return by_lower_case[str(value).lower()]


class Words(Word):
    """Words of a few, separated by commas; `all` is every one of them."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        if str(value).lower() == "all":
            return tuple(self.choices)
        return tuple(super(Words, self).convert(word.strip(), parameter, context) for word in str(value).split(","))


def amount(text: str) -> float:
    """An option's value as a number: 10M."""
    from effnet_inspect.values import amount as read

    return read(text)


def complete_target(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    """The variants' names, and files where none fits."""
    from click.shell_completion import CompletionItem

    from effnet_inspect.variants import VARIANTS

    names = [CompletionItem(key, help=row.title) for key, row in VARIANTS.items() if key.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


class Commands(click.Group):
    """A group in which every error of this package becomes one sentence and its exit code."""

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = arguments[0]
        if self.get_command(context, name) is None and not name.startswith("-"):
            raise UnknownChoice("command", name, self.list_commands(context))
        return super().resolve_command(context, arguments)

    def main(self, *arguments: Any, **options: Any) -> Any:
        # A command lives for a moment: looking for cycles in what it loads would cost a tenth of its time.
        thresholds = gc.get_threshold()
        gc.set_threshold(MANY_OBJECTS)
        try:
            return super().main(*arguments, **options)
        except EffnetInspectError as error:
            _fail(str(error), error.exit_code)
        except RecursionError:
            _fail("the model is nested too deeply to be read", 1)
        finally:
            gc.set_threshold(*thresholds)


def _fail(sentence: str, exit_code: int) -> NoReturn:
    sentence = sentence.rstrip(".!?") + "." if not sentence.endswith(("?", "!")) else sentence
    click.echo(f"Error: {sentence[0].upper()}{sentence[1:]}", err=True)
    sys.exit(exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="effnet-inspect")
def main() -> None:
    """See the architecture of any EfficientNet: as tables, as comparisons, as diagrams.

    Everything shown is read from a real graph: built by Keras, or stated in your model's file. A TARGET names
    the model:

    \b
      b0 .. b8, l2, EfficientNetB3              a published variant
      v2-b0 .. v2-b3, v2-s, v2-m, v2-l, v2-xl   of EfficientNetV2
      lite0 .. lite4                            of EfficientNet-Lite
      w1.2-d1.4                                 any other width and depth
      b3@512, b3@384x512                        any for another input size
      model.keras, .h5, .json, .onnx, folder/   your own: no code of it is run
      package.module:attribute                  your own: this runs your code
    """


def target_option(command: Command) -> Command:
    """What every command that loads a model takes."""
    return click.option("--no-cache", is_flag=True, help="Build the model afresh, and do not keep it.")(command)


def backbone_option(command: Command) -> Command:
    """What a command takes that shows one of several networks in a model."""
    return click.option(
        "--backbone", type=int, default=1, help="Which EfficientNet, where the model holds several.  [default: 1]"
    )(command)


def figure_options(command: Command) -> Command:
    """What every command that draws with a choice of looks takes."""
    command = click.option(
        "--dpi", type=click.IntRange(1, 2400), default=144, show_default=True, help="Pixels an inch, for PNG."
    )(command)
    return click.option(
        "--theme", type=Word(THEMES), default="light", show_default=True, help="Colours of the figure."
    )(command)


def output_options(*formats: str, default: str = "terminal") -> Callable[[Command], Command]:
    """What every command that writes a document takes."""

    def decorate(command: Command) -> Command:
        command = click.option(
            "--out",
            "-o",
            type=click.Path(dir_okay=False, allow_dash=True),
            help="Write to this file; its ending chooses the format.",
        )(command)
        return click.option(
            "--format", "-f", "format_name", type=Word(formats), help=f"How to write it.  [default: {default}]"
        )(command)

    return decorate


@main.command(short_help="Show one model as a table.")
@click.argument("target", shell_complete=complete_target)
@click.option("--level", "-l", type=Word(LEVELS), help="How deep the rows go.  [default: block]")
@click.option("--block", "-b", type=int, help="Show this block alone.")
@click.option("--fold", is_flag=True, help="Write equal neighbours as one row, 4b–4f ×5.")
@backbone_option
@output_options(*TABLE_FORMATS)
@target_option
def summary(
    target: str,
    level: str | None,
    block: int | None,
    fold: bool,
    backbone: int,
    format_name: str | None,
    out: str | None,
    no_cache: bool,
) -> None:
    """Show one model as a table: where its layers, parameters and MACs sit.

    \b
      effnet-inspect summary b7
      effnet-inspect summary b7 --block 4 --fold
      effnet-inspect summary b3@512 --level layer --out b3.csv
      effnet-inspect summary model.keras
    """
    format_name = _format(format_name, out, TABLE_FORMATS)
    (graph,) = _load([target], no_cache)
    from effnet_inspect.anatomy import dissect
    from effnet_inspect.measures import Measures
    from effnet_inspect.views import summary as view

    document = view.summary(
        dissect(graph, backbone),
        Measures(graph),
        level=level or ("sub-block" if block is not None or fold else "block"),
        block=block,
        fold=fold,
    )
    _write(document, format_name, out)


def complete_claim(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    """The claims' names."""
    from click.shell_completion import CompletionItem

    from effnet_inspect.claims import CLAIMS

    return [CompletionItem(key, help=row.statement) for key, row in CLAIMS.items() if key.startswith(incomplete)]


@main.command(short_help="Hold what is written against the graphs.")
@click.option("--source", "-s", type=Word(CLAIM_SOURCES), help="Only what this source claims.")
@click.option("--claim", "-c", shell_complete=complete_claim, help="The whole story of one claim.")
@click.option("--strict", is_flag=True, help="Exit with 3 where a verdict is not the recorded one.")
@output_options(*TABLE_FORMATS, *DIAGRAM_FORMATS)
@target_option
def verify(
    source: str | None, claim: str | None, strict: bool, format_name: str | None, out: str | None, no_cache: bool
) -> None:
    """Hold what is written about EfficientNet against the graph built here.

    \b
      effnet-inspect verify
      effnet-inspect verify --source paper --out verdicts.md
      effnet-inspect verify --claim module-2
      effnet-inspect verify --claim modules --out modules.svg
      effnet-inspect verify --strict --format json
    """
    format_name = _format(format_name, out, TABLE_FORMATS + DIAGRAM_FORMATS)
    from effnet_inspect.claims import check_all, choose, targets_of
    from effnet_inspect.views import verify as view

    claims = choose(source, claim, drawn=format_name in DIAGRAM_FORMATS)
    checked = check_all(claims, _load(targets_of(claims), no_cache))
    _write(view.answer(checked, whole_story=bool(claim), drawn=format_name in DIAGRAM_FORMATS), format_name, out)
    if strict:
        view.demand_recorded(checked)


@main.command(short_help="Draw one model.")
@click.argument("target", shell_complete=complete_target)
@click.option("--view", "-v", type=Word(VIEWS), help="What to draw.  [default: architecture]")
@click.option("--block", "-b", type=int, help="The block to draw; chooses the view 'block'.")
@click.option("--expand", is_flag=True, help="Draw every sub-block instead of ×N.")
@figure_options
@backbone_option
@output_options(*DIAGRAM_FORMATS, default="svg")
@target_option
def diagram(
    target: str,
    view: str | None,
    block: int | None,
    expand: bool,
    backbone: int,
    theme: str,
    dpi: int,
    format_name: str | None,
    out: str | None,
    no_cache: bool,
) -> None:
    """Draw one model, like the article's figures and beyond.

    \b
      architecture  the row of blocks, repeats in brackets with ×N
      sub-blocks    the kinds of sub-block, as their modules
      modules       the modules, as their layers
      stem          stem, final layers and classifier
      block         one block with every layer
      layers        every layer of the network
      poster        all of it on one sheet

    \b
      effnet-inspect diagram b0 --out b0.svg
      effnet-inspect diagram b7 --block 4 --out block4.png --dpi 200
      effnet-inspect diagram b5 --view poster --theme dark --out b5.pdf
    """
    format_name = _format(format_name, out, DIAGRAM_FORMATS, "svg")
    (graph,) = _load([target], no_cache)
    from effnet_inspect.anatomy import dissect
    from effnet_inspect.measures import Measures
    from effnet_inspect.views import diagram as views

    view = view or ("block" if block is not None else "architecture")
    drawn = views.diagram(dissect(graph, backbone), Measures(graph), view=view, block_number=block, expand=expand)
    suffix = "" if view == "architecture" else f"-block-{block}" if view == "block" else f"-{view}"
    _write(
        drawn, format_name, out or f"{_file_name(graph.target)}{suffix}.{format_name}", Options(theme=theme, dpi=dpi)
    )


@main.command(short_help="Compare models, in words and tables.")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...", shell_complete=complete_target)
@click.option(
    "--by",
    "aspect",
    type=Words(ASPECTS),
    multiple=True,
    metavar="ASPECT",
    help=f"What to compare: {', '.join(ASPECTS)}; or all.  [default: model, channels, sub-blocks, parameters, macs]",
)
@click.option("--only-differences", "-d", is_flag=True, help="Leave out what is the same in all.")
@figure_options
@output_options(*TABLE_FORMATS, *DIAGRAM_FORMATS)
@target_option
def compare(
    targets: tuple[str, ...],
    aspect: tuple[tuple[str, ...], ...],
    only_differences: bool,
    theme: str,
    dpi: int,
    format_name: str | None,
    out: str | None,
    no_cache: bool,
) -> None:
    """Compare models: say how they differ, then show it stage by stage.

    A range, b1..b7, is every variant of it; the word all is b0..b7. The first model is the one that the others
    are held against. The formats svg, png, pdf and dot draw the models above one another, so that growth is seen.

    \b
      effnet-inspect compare b1 b2
      effnet-inspect compare b1..b7 --by channels
      effnet-inspect compare b3 b3@512 --by macs,activations --only-differences
      effnet-inspect compare all --out family.svg
    """
    format_name = _format(format_name, out, TABLE_FORMATS + DIAGRAM_FORMATS)
    if format_name in DIAGRAM_FORMATS and (aspect or only_differences):
        raise UsageError(f"--by and --only-differences choose among tables; {format_name!r} is a drawing")
    from effnet_inspect.variants import expand_targets

    graphs = _load(expand_targets(targets), no_cache)
    if format_name in DIAGRAM_FORMATS:
        from effnet_inspect.views.growth import growth

        _write(growth(graphs), format_name, out, Options(theme=theme, dpi=dpi))
        return
    from effnet_inspect.views import compare as view

    aspects = [word for words in aspect for word in words]
    document = view.compare(graphs, aspects or view.USUAL, only_differences=only_differences)
    _write(document, format_name, out)


@main.command(short_help="List the variants, or those that fit.")
@click.option("--max-params", type=amount, metavar="AMOUNT", help="At most so many parameters, like 10M.")
@click.option("--max-macs", type=amount, metavar="AMOUNT", help="At most so many MACs, like 2G.")
@click.option("--min-top1", type=click.FloatRange(1, 100), help="At least this published top-1 accuracy, in percent.")
@output_options(*TABLE_FORMATS)
@target_option
def variants(
    max_params: float | None,
    max_macs: float | None,
    min_top1: float | None,
    format_name: str | None,
    out: str | None,
    no_cache: bool,
) -> None:
    """List the known variants, or those that fit, and how to name them.

    \b
      effnet-inspect variants
      effnet-inspect variants --max-params 10M --max-macs 2G --min-top1 80
    """
    format_name = _format(format_name, out, TABLE_FORMATS)
    from effnet_inspect.variants import VARIANTS

    graphs = _load(list(VARIANTS), no_cache)
    from effnet_inspect.views import variants as view

    _write(view.variants(graphs, view.Limits(max_params, max_macs, min_top1)), format_name, out)


@main.command(short_help="Show or empty the cache of built graphs.")
@click.option("--clear", is_flag=True, help="Remove all kept graphs.")
def cache(clear: bool) -> None:
    """Show where built graphs are kept and how much room they take, or remove them."""
    from effnet_inspect.sources.cache import Cache
    from effnet_inspect.values import written

    kept = Cache.of_user()
    if clear:
        try:
            count = kept.clear()
        except OSError as error:
            raise RenderError(f"cannot empty {kept.folder}: {error.strerror}") from error
        click.echo(f"Removed {counted(count, 'graph')} from {kept.folder}")
        return
    entries = list(kept.entries())
    size = written(sum(entry.stat().st_size for entry in entries), "bytes")
    click.echo(f"{counted(len(entries), 'graph')}, {size}, in {kept.folder}")


def _load(targets: Sequence[str | Target], no_cache: bool) -> list[LayerGraph]:
    from effnet_inspect.variants import parse_target

    parsed = [parse_target(target) if isinstance(target, str) else target for target in targets]
    # A name that means nothing is answered before anything larger is imported.
    from effnet_inspect.sources import load_all

    with _progress() as progress:
        return load_all(parsed, use_cache=not no_cache, progress=progress)


@contextmanager
def _progress() -> Iterator[Callable[[str], None] | None]:
    """A spinner on standard error that names what is going on; nothing where that is no terminal."""
    if not _is_terminal(sys.stderr):
        yield None
        return
    from contextlib import ExitStack

    with ExitStack() as stack:
        spinner: list[Any] = []

        def show(sentence: str) -> None:
            if not spinner:
                from rich.console import Console

                spinner.append(stack.enter_context(Console(stderr=True).status(sentence)))
            spinner[0].update(sentence)

        yield show


def _format(name: str | None, out: str | None, choices: tuple[str, ...], default: str = "terminal") -> str:
    if name:
        return name
    if not out or out == STANDARD_OUTPUT:
        return default
    from pathlib import PurePath

    return format_of(PurePath(out), choices)


def _file_name(target: str) -> str:
    """A target as the name of a file in the current folder, without an ending."""
    import re
    from pathlib import PurePath

    return re.sub(r"[^A-Za-z0-9@._-]+", "_", PurePath(target).stem if "/" in target or "\\" in target else target)


def _write(document: Document | Diagram, format_name: str, out: str | None, options: Options | None = None) -> None:
    to_file = out is not None and out != STANDARD_OUTPUT
    content = FORMATS[format_name].render(document, options or _text_options(to_file))
    if to_file and out is not None:
        from pathlib import Path

        _write_file(Path(out), content)
    else:
        _write_to_standard_output(content)


def _is_terminal(stream: TextIO | None) -> bool:
    """Python has no stream at all where a shell closed it."""
    return stream is not None and stream.isatty()


def _write_to_standard_output(content: bytes) -> None:
    output: TextIO | None = sys.stdout
    if output is None:
        raise RenderError("standard output is closed")
    try:
        output.buffer.write(content)
        output.buffer.flush()
    except BrokenPipeError:
        raise  # whoever read it has seen enough: click ends quietly
    except OSError as error:
        # What could not be written is still in the buffer, and Python would try again on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
        raise RenderError(f"cannot write to standard output: {error.strerror or error}") from error


def _text_options(to_file: bool) -> Options:
    if to_file or not _is_terminal(sys.stdout):
        return Options()
    from shutil import get_terminal_size

    colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Options(width=get_terminal_size().columns, colour=colour)


def _write_file(path: Path, content: bytes) -> None:
    from effnet_inspect.files import write_atomically

    try:
        write_atomically(path, content)
    except OSError as error:
        raise RenderError(f"cannot write {path}: {error.strerror or error}") from error
    click.echo(f"Wrote {path}", err=True)
