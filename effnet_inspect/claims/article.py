"""The statements of the article that explains the family by drawing it."""

from __future__ import annotations

from functools import partial

from effnet_inspect.catalog import published
from effnet_inspect.catalog.published import ARTICLE_BLOCKS, ARTICLE_MODULE_USES, ARTICLE_MODULES, FAMILY
from effnet_inspect.claims import article_checks as checks
from effnet_inspect.claims.claim import ANSWERED, DOES_NOT_HOLD, HOLDS, HOLDS_IF, Entry
from effnet_inspect.claims.kinds import BLOCKS, Reading, Table, by_model, figures, first_column, first_row
from effnet_inspect.structure.anatomy import SubBlockKind
from effnet_inspect.words import join_comma

entry = partial(Entry, "article")
COMMON_THINGS = "section “Common Things In All”"
MODULES = "figure of the five modules"
SUB_BLOCKS = "figure of the three sub-blocks"
TEXT = "text after the paper's table"

WITHOUT_CLASSIFIER = "the model is built without its classifier: include_top=False, weights=None"
LAYERS = (
    Reading("All layers", lambda network: len(network.graph)),
    Reading("Layers without the classifier", lambda network: network.layers_without_classifier, WITHOUT_CLASSIFIER),
)
MODULE_ROWS = (
    (1, HOLDS_IF, "b1 --block 1"),
    (2, DOES_NOT_HOLD, "b0 --block 5"),
    (3, DOES_NOT_HOLD, "b0 --block 1"),
    (4, HOLDS, "b0 --block 2"),
    (5, HOLDS, "b0 --block 2"),
)
"""The figure of the modules: their numbers, verdicts and where to see them."""
CLAIMS = (
    entry("layers", f"text of {COMMON_THINGS}", tuple(published.ARTICLE_LAYERS), HOLDS_IF, "summary b7").says(
        "EfficientNet-B0 has 237 layers, EfficientNet-B7 has 813.", figures(published.ARTICLE_LAYERS, *LAYERS)
    ),
    entry("common-ends", COMMON_THINGS, FAMILY, HOLDS, "summary b0 --level layer").says(
        "The stem and the final layers are the same in all eight models.",
        Table(
            "Layers of the stem and of the final layers",
            ("Stem", "Final layers"),
            by_model(checks.ends),
            "one stem and one row of final layers for all",
            first_row,
            reference="first model",
        ),
    ),
    entry("seven-blocks", COMMON_THINGS, FAMILY, HOLDS, "summary b0").says(
        "Every model has seven blocks between stem and final layers.",
        Table(
            "Blocks between stem and final layers",
            ("Blocks",),
            by_model(lambda network: (len(network.repeats),), dict.fromkeys(FAMILY, (ARTICLE_BLOCKS,))),
            f"{ARTICLE_BLOCKS} blocks in every model",
            first_column,
        ),
    ),
    entry("modules", MODULES, FAMILY, HOLDS_IF, "summary b0 --level module", True).says(
        "All layers of all models can be made from the stem, five modules and the final layers.",
        checks.all_from_modules,
    ),
    *(
        entry(f"module-{number}", MODULES, FAMILY, verdict, f"summary {see} --level layer", True).says(
            f"Module {number} {ARTICLE_MODULE_USES[number]}: {join_comma(ARTICLE_MODULES[number])}.",
            checks.ModuleFigure(number),
        )
        for number, verdict, see in MODULE_ROWS
    ),
    entry("sub-block-1", SUB_BLOCKS, FAMILY, HOLDS, "summary b1 --block 1").says(
        "Sub-block 1 is used once only, as the first of block 1.", checks.only_kind(SubBlockKind.FIRST_OF_NETWORK)
    ),
    entry("sub-block-2", SUB_BLOCKS, FAMILY, HOLDS_IF, "summary b0 --block 5 --level layer").says(
        "Sub-block 2 is the first of every other block.",
        checks.only_kind(SubBlockKind.FIRST_OF_BLOCK, optional="ZeroPadding2D"),
    ),
    entry("sub-block-3", SUB_BLOCKS, FAMILY, DOES_NOT_HOLD, "summary b1 --block 1 --level layer").says(
        "Sub-block 3 is every sub-block that is not the first of its block.", checks.only_kind(SubBlockKind.REPEATED)
    ),
    entry("sub-blocks", "architecture figures of B0 to B7", FAMILY, HOLDS, "summary b7 --level sub-block --fold").says(
        "The number of sub-blocks in each of the seven blocks of B0 to B7, as drawn in the architecture figures.",
        Table(
            "Sub-blocks of the blocks 1 to 7",
            (BLOCKS,),
            by_model(lambda network: network.repeats, published.ARTICLE_SUB_BLOCKS),
            "56 numbers, as drawn",
        ),
    ),
    entry("sub-blocks-grow", COMMON_THINGS, FAMILY, HOLDS_IF, "summary b2").says(
        "The number of sub-blocks increases from B0 to B7.",
        Table(
            "Sub-blocks in all",
            ("Sub-blocks",),
            partial(checks.growth, []),
            "more sub-blocks from each model to the next",
            first_column,
            (Reading("Sub-blocks in all", partial(checks.growth, ["b2"]), "not taken strictly: B2 has as many as B1"),),
            reference="at least",
        ),
    ),
    entry("b2-like-b1", "caption of the figure of B1", ("b1", "b2"), HOLDS_IF, "compare b1 b2").says(
        "The architecture of B2 is that of B1; only the numbers of channels differ.", checks.same_but_channels
    ),
    entry("kernel-sizes", TEXT, FAMILY, ANSWERED, "summary b7").says(
        "Open question: do the kernel sizes change from model to model, or stay the same?",
        Table(
            "Kernel sizes of the blocks 1 to 7",
            (BLOCKS,),
            by_model(checks.kernels),
            "(the author does not know, and asks)",
            first_row,
            agreed=ANSWERED,
            reference="first model",
        ),
    ),
    entry("resolution", TEXT, FAMILY, DOES_NOT_HOLD, "summary b7").says(
        "The resolution remains the same for the whole family.",
        Table(
            "Input resolution of each stage in pixels, and strides of the blocks",
            ("Input", BLOCKS, "Final", "Strides"),
            by_model(checks.resolutions),
            "one input resolution for the whole family",
            checks.describe_resolutions,
            reference="as B0",
        ),
    ),
    entry("channels", "last table", tuple(published.ARTICLE_CHANNELS), HOLDS, "summary b7").says(
        "The channels of the nine stages of B1 to B7.",
        Table(
            "Channels of stem, blocks and final layers",
            ("Stem", BLOCKS, "Final"),
            by_model(lambda network: network.channels, published.ARTICLE_CHANNELS),
            "63 numbers, as tabulated",
        ),
    ),
)
