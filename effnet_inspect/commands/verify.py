"""`effnet-inspect verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from effnet_inspect.choices import DIAGRAM_FORMATS, SOURCE_NAMES, TABLE_FORMATS, SourceName
from effnet_inspect.commands.options import Word, cache_option, output_options
from effnet_inspect.commands.output import Output, load

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_claim(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The claims' names."""
    from click.shell_completion import CompletionItem

    from effnet_inspect.claims import CLAIMS

    return [CompletionItem(key, help=row.statement.text) for key, row in CLAIMS.items() if key.startswith(incomplete)]


@click.command("verify")
@click.option("--source", "-s", type=Word(SOURCE_NAMES), help="Only the claims of this source.")
@click.option("--claim", "-c", shell_complete=complete_claim, help="Show one claim in detail.")
@click.option(
    "--strict",
    is_flag=True,
    help="Build all models here; exit with status 3 if a verdict or a value is not as recorded.",
)
@output_options(*TABLE_FORMATS, *DIAGRAM_FORMATS)
@cache_option
def command(source: SourceName | None, claim: str | None, strict: bool, output: Output, no_cache: bool) -> None:
    """Check published statements about EfficientNet against the graphs that Keras builds.

    \b
      effnet-inspect verify
      effnet-inspect verify --source paper --out verdicts.md
      effnet-inspect verify --claim module-2
      effnet-inspect verify --claim modules --out modules.svg
      effnet-inspect verify --strict --format json
    """
    from effnet_inspect.claims import check_all, choose, targets_of

    claims = choose(source, claim, drawn=output.is_drawn)
    checked = check_all(claims, load(targets_of(claims), no_cache=no_cache or strict))
    from effnet_inspect.results import Figure, Report
    from effnet_inspect.views.verify import check_strict, claim_detail, claims_overview

    if output.is_drawn:
        from effnet_inspect.views.verify.picture import picture

        output.write(Figure(picture(checked[0])))
    else:
        output.write(Report(claim_detail(checked[0]) if claim else claims_overview(checked)))
    if strict:
        check_strict(checked)
