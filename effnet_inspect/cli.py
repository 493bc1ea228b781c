"""The command line: the group of commands, its errors and exit codes. Each command is loaded when it is called."""

from __future__ import annotations

import gc
import sys
from typing import Any, NoReturn

import click

from effnet_inspect import __version__
from effnet_inspect.commands import COMMANDS, GROUPS, load_command
from effnet_inspect.commands.streams import failure, occupy_closed, tell
from effnet_inspect.errors import EffnetInspectError, UnknownChoice, UsageError
from effnet_inspect.limits import budget
from effnet_inspect.text import LONGEST_SENTENCE, shortened

MANY_OBJECTS = 100_000
INTERRUPTED = 130
"""The exit code of a command that was ended by Ctrl-C."""


FIRST = """\
effnet-inspect shows the architecture of any EfficientNet: published, or in a file of yours.

  effnet-inspect summary b0           the stages of B0: operators, sizes, parameters, MACs
  effnet-inspect compare b0 my.keras  what is other in your model
  effnet-inspect diagram b7 -o b7.svg a figure of B7
"""


class FirstMinute(click.exceptions.NoArgsIsHelpError):
    """No argument was given: what is shown then."""

    def format_message(self) -> str:
        """Three examples, the commands, and where the rest is."""
        context = self.ctx
        assert context is not None
        formatter = context.make_formatter()
        formatter.write(FIRST)
        main.format_commands(context, formatter)
        formatter.write("\nEvery command has examples: effnet-inspect summary --help. All about targets: --help.\n")
        return formatter.getvalue().rstrip("\n")


class Commands(click.Group):
    """A group in which every error becomes one sentence and its exit code."""

    def list_commands(self, context: click.Context) -> list[str]:
        """All commands, in the order of their table."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command, imported now; None for an unknown one."""
        return load_command(name) if name in COMMANDS else None

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The tables of commands, none of which needs to be imported for it."""
        width = max(map(len, COMMANDS))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), does) for name, does in commands.items()])

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Without any argument three examples say more than all that there is."""
        if not arguments and not context.resilient_parsing:
            raise FirstMinute(context)
        return super().parse_args(context, arguments)

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A name that is no command may be a model: then the command is missing."""
        name = arguments[0]
        if name not in COMMANDS and not name.startswith("-"):
            if _is_target(name):
                raise UsageError(f"{name!r} is a model, not a command; did you mean: effnet-inspect summary {name}?")
            raise UnknownChoice("command", name, COMMANDS)
        return super().resolve_command(context, arguments)

    def main(self, *arguments: Any, standalone_mode: bool = True, **options: Any) -> Any:
        """Run a command, and end the process with its exit code unless `standalone_mode` is off."""
        # A command lives for a moment: looking for cycles in what it loads would cost a tenth of its time.
        thresholds = gc.get_threshold()
        gc.set_threshold(MANY_OBJECTS)
        occupy_closed()
        try:
            with budget():
                result = super().main(*arguments, standalone_mode=False, **options)  # type: ignore[call-overload]
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            _fail(_with_help(error), error.exit_code)
        except click.ClickException as error:
            _fail(error.format_message(), error.exit_code)
        except click.Abort:
            _fail("interrupted", INTERRUPTED)
        except EffnetInspectError as error:
            _fail(str(error), error.exit_code)
        except RecursionError:
            _fail("the model is nested too deeply to be read", 1)
        except MemoryError:
            _fail("there is not enough memory for this model", 1)
        except OverflowError:
            _fail("the model has numbers that are too large to be shown", 1)
        except OSError as error:
            _fail(failure(error), 1)
        finally:
            gc.set_threshold(*thresholds)
        if standalone_mode:
            sys.exit(result if isinstance(result, int) else 0)
        return result


def _is_target(name: str) -> bool:
    from effnet_inspect.catalog.targets import parse_target

    try:
        parse_target(name)
    except UsageError:
        return False
    return True


def _with_help(error: click.UsageError) -> str:
    sentence = (_no_such_option(error) if isinstance(error, click.NoSuchOption) else error.format_message()).rstrip(".")
    see = " See" if sentence.endswith("?") else "; see"
    return f"{sentence}{see}: {error.ctx.command_path} --help" if error.ctx else sentence


def _no_such_option(error: click.NoSuchOption) -> str:
    """The same sentence with every release of click: they quote the option in different ways."""
    close = " or ".join(map(repr, error.possibilities or ()))
    return f"No such option {error.option_name!r}." + (f" Did you mean {close}?" if close else "")


def _fail(sentence: str, exit_code: int) -> NoReturn:
    sentence = shortened(sentence, LONGEST_SENTENCE)
    sentence = sentence.rstrip(".!?") + "." if not sentence.endswith(("?", "!")) else sentence
    # A file's name stays as it is written.
    begins_with_a_word = sentence.partition(" ")[0].rstrip(",:;.?!").isalpha()
    tell(f"Error: {sentence[0].upper() if begins_with_a_word else sentence[0]}{sentence[1:]}")
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
      b3@512, b3@384x512                        any of the above at another input size
      model.keras, .h5, .json, .onnx, folder/   your own: no code of it is run
      model.onnx@512, model.keras@384x512       the same, where the file leaves its input size open
      package.module:attribute                  your own: this runs your code
    """
