"""What has been said about EfficientNet: statements in our own words, each with where it stands; data only."""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.catalog import published
from effnet_inspect.catalog.published import ARTICLE_MODULE_USES, ARTICLE_MODULES
from effnet_inspect.choices import SourceName
from effnet_inspect.words import join_and, join_comma


class Statement(NamedTuple):
    """One statement of a source; `place` is where in it."""

    source: SourceName
    id: str
    place: str
    text: str


COMMON = "section “Common Things In All”"
MODULES = "figure of the five modules"
SUB_BLOCKS = "figure of the three sub-blocks"
TEXT = "text after the paper's table"
AVAILABLE = "table “Available models”"
EDITIONS = f"{AVAILABLE}, editions of 2020 and 2021"
CODE = "source of keras.applications.efficientnet"
EXAMPLE = "example “Image classification via fine-tuning with EfficientNet”"
NOTE = "note in the reference of every EfficientNet and EfficientNetV2"
ALL_OF_V2 = "V2-B0 to V2-B3, V2-S, V2-M and V2-L"

# fmt: off
STATEMENTS = {row.id: row for row in (
    Statement("article", "layers", f"text of {COMMON}",
              "EfficientNet-B0 has 237 layers, EfficientNet-B7 has 813."),
    Statement("article", "common-ends", COMMON,
              "The stem and the final layers are the same in all eight models."),
    Statement("article", "seven-blocks", COMMON,
              "Every model has seven blocks between stem and final layers."),
    Statement("article", "modules", MODULES,
              "All layers of all models can be made from the stem, five modules and the final layers."),
    *(Statement("article", f"module-{number}", MODULES,
                f"Module {number} {ARTICLE_MODULE_USES[number]}: {join_comma(layers)}.")
      for number, layers in ARTICLE_MODULES.items()),
    Statement("article", "sub-block-1", SUB_BLOCKS,
              "Sub-block 1 is used once only, as the first of block 1."),
    Statement("article", "sub-block-2", SUB_BLOCKS,
              "Sub-block 2 is the first of every other block."),
    Statement("article", "sub-block-3", SUB_BLOCKS,
              "Sub-block 3 is every sub-block that is not the first of its block."),
    Statement("article", "sub-blocks", "architecture figures of B0, B1 and B3 to B7, and the section on B2",
              "The number of sub-blocks in each of the seven blocks: 49 numbers as drawn, and those of B2 as B1's."),
    Statement("article", "sub-blocks-grow", COMMON,
              "The number of sub-blocks increases from B0 to B7."),
    Statement("article", "b2-like-b1", "section “EfficientNet-B2”",
              "The architecture of B2 is that of B1; only the numbers of channels differ."),
    Statement("article", "kernel-sizes", TEXT,
              "Open question: do the kernel sizes change from model to model, or stay the same?"),
    Statement("article", "resolution", TEXT,
              "The resolution remains the same for the whole family."),
    Statement("article", "channels", "last table",
              "The channels of the nine stages of B1 to B7."),
    Statement("paper", "stages", "table 1",
              "EfficientNet-B0 in nine stages: operator, input resolution, output channels and layers of each."),
    Statement("paper", "squeeze-excite", "section 4",
              "The building block is MBConv with squeeze-and-excitation."),
    Statement("paper", "scaling-constants", "equation 3 and section 4",
              "alpha = 1.2, beta = 1.1, gamma = 1.15, with alpha · beta² · gamma² about 2."),
    Statement("paper", "compound-scaling", "section 4, step 2",
              "B1 to B7 are B0 scaled by alpha, beta and gamma to the power of one phi each."),
    Statement("paper", "scaled-from-b0", "section 3.1, with the coefficients of the released code",
              "Only depth, width and resolution are scaled: every model has the layers of B0, their number and "
              "channels multiplied by one factor each."),
    Statement("paper", "resolution-squared", "section 3.3",
              "The operations grow with the square of the resolution: doubling it makes them four times as many."),
    Statement("paper", "parameters", "table 2",
              f"Parameters of B0 to B7: {join_and(published.PAPER_PARAMETERS.values())} million."),
    Statement("paper", "flops", "table 2",
              f"FLOPs of B0 to B7: {join_and(published.PAPER_FLOPS.values())} billion."),
    Statement("paper", "smaller-than-gpipe", "abstract and table 2",
              "EfficientNet-B7 is 8.4 times smaller than GPipe."),
    Statement("paper", "activation", "section 5.2",
              "The activation function is SiLU (Swish-1)."),
    Statement("paper", "dropout", "section 5.2",
              "The dropout ratio rises linearly from 0.2 for B0 to 0.5 for B7."),
    Statement("paper", "stochastic-depth", "section 5.2",
              "Stochastic depth has the survival probability 0.8."),
    Statement("paper", "accuracy", "table 2",
              "Top-1 accuracy on ImageNet from 77.1 % (B0) to 84.3 % (B7); 76.3 to 84.4 % in the earlier version that "
              "the article shows."),
    Statement("paper-v2", "v2-stages", "table 4",
              "EfficientNetV2-S in eight stages: operator, stride, channels and layers of each."),
    Statement("paper-v2", "v2-kernels", "section 3.3",
              "V2 has small kernels: 3x3 in every MBConv and Fused-MBConv."),
    Statement("paper-v2", "v2-last-stage", "section 3.3",
              "V2 does without the last stage of stride 1 of the original EfficientNet."),
    Statement("paper-v2", "v2-parameters", "table 7",
              f"Parameters of V2-S, V2-M and V2-L: {join_and(published.PAPER_V2_PARAMETERS.values())} million."),
    Statement("paper-v2", "v2-flops", "table 7",
              f"FLOPs of V2-S, V2-M and V2-L: {join_and(published.PAPER_V2_FLOPS.values())} billion."),
    Statement("reference", "batch-normalization", "efficientnet_builder.py",
              "Batch normalisation has the momentum 0.99 and the epsilon 0.001."),
    Statement("reference", "v2-batch-normalization", "hparams.py of EfficientNetV2",
              "Batch normalisation of V2 has the momentum 0.9 and the epsilon 0.001."),
    Statement("reference", "v2-drop-rates", "effnetv2_model.py",
              "The drop rate of V2's residual connections rises linearly: 0.2 · index / number of sub-blocks."),
    Statement("reference", "v2-dropout", "effnetv2_configs.py",
              "Dropout before the classifier: 0.2 in V2-B0, B1 and S, 0.3 in V2-B2, B3 and M, 0.4 in V2-L."),
    Statement("reference", "lite-parameters", "README of EfficientNet-Lite",
              f"Parameters of Lite0 to Lite4: {join_and(published.LITE_PARAMETERS.values())} million."),
    Statement("reference", "lite-flops", "README of EfficientNet-Lite",
              f"Multiply-adds of Lite0 to Lite4: {join_and(published.LITE_MADDS.values())} billion."),
    Statement("keras-docs", "keras-parameters", AVAILABLE,
              f"Parameters of B0 to B7: {join_and(published.KERAS_PARAMETERS.values())} million."),
    Statement("keras-docs", "keras-exact", EDITIONS,
              "Parameters of B0 to B7 to the last one: 5,330,571 to 66,658,687."),
    Statement("keras-docs", "keras-depth", AVAILABLE,
              "Depth of B0 to B7: 132 to 438; it includes activation and batch normalization layers, and it counts the "
              "layers with parameters."),
    Statement("keras-docs", "keras-size", AVAILABLE,
              f"Size of the weights of B0 to B7: {join_and(published.KERAS_SIZE.values())} MB."),
    Statement("keras-docs", "keras-v2-parameters", AVAILABLE,
              f"Parameters of {ALL_OF_V2}: {join_and(published.KERAS_PARAMETERS_V2.values())} million."),
    Statement("keras-docs", "keras-v2-size", AVAILABLE,
              f"Size of the weights of {ALL_OF_V2}: {join_and(published.KERAS_SIZE_V2.values())} MB."),
    Statement("keras-docs", "keras-resolution", EXAMPLE,
              f"Input of B0 to B7: {join_and(published.KERAS_RESOLUTION.values())} pixels a side."),
    Statement("keras-docs", "keras-preprocessing", NOTE,
              "Preprocessing is part of the model: it takes pixels from 0 to 255."),
    Statement("keras-docs", "keras-rescaling", CODE,
              "Pixels are divided by 255; in V2-S, V2-M and V2-L by 128, and 1 is subtracted."),
    Statement("keras-docs", "keras-imagenet", CODE,
              "Built with the ImageNet weights, a model has a second Rescaling: without the classifier "
              f"{join_and(published.KERAS_IMAGENET_LAYERS.values())} layers in B0 and B7."),
    Statement("keras-docs", "keras-accuracy", AVAILABLE,
              "Top-1 and top-5 accuracy on ImageNet: 77.1 and 93.3 % for B0, 84.3 and 97.0 % for B7."),
)}
# fmt: on
"""Every statement by its name on the command line, in the order in which they are shown."""
