"""`effnet-inspect weights`."""

from __future__ import annotations

import click

from effnet_inspect.choices import TABLE_FORMATS
from effnet_inspect.commands.options import backbone_option, cache_option, complete_target, output_options
from effnet_inspect.commands.output import Output, check_output, load_one

DOES_NOT_FIT = 3
"""The exit code where weights do not fit."""


@click.command("weights")
@click.argument("file", type=click.Path())
@click.option("--into", metavar="TARGET", shell_complete=complete_target, help="Say whether they fit this model.")
@backbone_option
@output_options(*TABLE_FORMATS)
@cache_option
def command(file: str, into: str | None, backbone: int | None, output: Output, no_cache: bool) -> None:
    """Say what is in a file of weights: which code base, which variant, and whether they fit a model.

    FILE is .safetensors, .pt, .pth, .bin, .h5, .weights.h5, .keras or a checkpoint of TensorFlow. Names and shapes
    are read, no numbers, and no code in it is run. With --into the exit code is 0 where the model is loaded from the
    file as it is, 3 where it is not.

    \b
      effnet-inspect weights model.safetensors
      effnet-inspect weights b3.weights.h5 --into my_package.models:classifier
      effnet-inspect weights checkpoint.pth --into b3 --format json
    """
    check_output([file])
    model = load_one(into, backbone=backbone, no_cache=no_cache) if into else None
    from effnet_inspect import library

    report = library.weights(file, into=model)
    output.write(report)
    if into and not report.data["into"]["fits"]:
        click.get_current_context().exit(DOES_NOT_FIT)
