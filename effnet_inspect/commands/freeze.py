"""`effnet-inspect freeze`."""

from __future__ import annotations

import click

from effnet_inspect.choices import TABLE_FORMATS
from effnet_inspect.commands.options import backbone_option, cache_option, output_options, target_argument
from effnet_inspect.commands.output import Output, load
from effnet_inspect.formatting import parse_quantity


@click.command("freeze")
@target_argument
@click.option("--from", "start", metavar="PLACE", help="Train from here on: 6, 6a, head, classifier or a layer's name.")
@click.option("--last-blocks", type=click.IntRange(min=1), help="Train so many blocks at the end.")
@click.option(
    "--trainable", type=parse_quantity, metavar="AMOUNT", help="Train at most so many parameters at the end, e.g. 2M."
)
@click.option("--layers", type=click.IntRange(min=1), help="Train so many layers at the end, as tutorials write it.")
@click.option("--train-batch-norm", is_flag=True, help="Train batch normalisation too, which otherwise stays frozen.")
@click.option("--code", is_flag=True, help="Print the lines of Python that freeze and unfreeze.")
@backbone_option
@output_options(*TABLE_FORMATS)
@cache_option
def command(
    target: str,
    start: str | None,
    last_blocks: int | None,
    trainable: float | None,
    layers: int | None,
    train_batch_norm: bool,
    code: bool,
    backbone: int | None,
    output: Output,
    no_cache: bool,
) -> None:
    """Show what to unfreeze for fine-tuning: layers, indices and parameters, and what a border cuts.

    \b
      effnet-inspect freeze b0
      effnet-inspect freeze b0 --from 6a --code
      effnet-inspect freeze b3 --layers 20
      effnet-inspect freeze model.keras --trainable 2M
    """
    (network,) = load([target], backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    output.write(
        library.freeze(
            network,
            start=start,
            last_blocks=last_blocks,
            trainable=trainable,
            layers=layers,
            code=code,
            train_normalization=train_batch_norm,
        )
    )
