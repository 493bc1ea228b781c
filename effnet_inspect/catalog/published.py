"""What has been published about EfficientNet: figures as they are printed, each with where it stands.

Data only, and never used to draw or to measure. What this package says of a network it reads from its graph, and holds
this against it; the accuracies alone are shown as they are published, since no graph has any. Figures whose last digit
matters are strings, digit for digit.
"""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.choices import SourceName

FAMILY = ("b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7")
FAMILY_V2 = ("v2-b0", "v2-b1", "v2-b2", "v2-b3", "v2-s", "v2-m", "v2-l")
FAMILY_LITE = ("lite0", "lite1", "lite2", "lite3", "lite4")
PAPER_FAMILY_V2 = ("v2-s", "v2-m", "v2-l")


class Source(NamedTuple):
    """Something published; `key` is how the command line calls it."""

    key: SourceName
    title: str
    authors: str
    edition: str
    reference: str


SOURCES: dict[SourceName, Source] = {
    row.key: row
    for row in (
        Source(
            "article",
            "Complete Architectural Details of all EfficientNet Models",
            "Vardan Agarwal",
            "Towards Data Science, 24 May 2020",
            "https://towardsdatascience.com/complete-architectural-details-of-all-efficientnet-models-5fd5b736142",
        ),
        Source(
            "paper",
            "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
            "Mingxing Tan and Quoc V. Le",
            "version 5, 11 September 2020",
            "https://arxiv.org/abs/1905.11946",
        ),
        Source(
            "paper-v2",
            "EfficientNetV2: Smaller Models and Faster Training",
            "Mingxing Tan and Quoc V. Le",
            "version 3, 23 June 2021",
            "https://arxiv.org/abs/2104.00298",
        ),
        Source(
            "reference",
            "Reference implementations of EfficientNet, EfficientNet-Lite and EfficientNetV2",
            "Mingxing Tan and others",
            "as of 2022",
            "https://github.com/tensorflow/tpu (models/official/efficientnet) and https://github.com/google/automl "
            "(efficientnetv2)",
        ),
        Source(
            "keras-docs",
            "Keras Applications, and the documentation in its source code",
            "the Keras team",
            "as of Keras 3",
            "https://keras.io/api/applications/",
        ),
    )
}

# The article -------------------------------------------------------------------------------------------------

ARTICLE_LAYERS = {"b0": 237, "b7": 813}
"""Text under the first figures: the number of layers of the smallest and the largest model."""

ARTICLE_BLOCKS = dict.fromkeys(FAMILY, 7)
"""Section "Common Things In All": how many blocks every model has."""

ARTICLE_SUB_BLOCKS: dict[str, tuple[int, ...]] = {
    "b0": (1, 2, 2, 3, 3, 4, 1),
    "b1": (2, 3, 3, 4, 4, 5, 2),
    "b2": (2, 3, 3, 4, 4, 5, 2),
    "b3": (2, 3, 3, 5, 5, 6, 2),
    "b4": (2, 4, 4, 6, 6, 8, 2),
    "b5": (3, 5, 5, 7, 7, 9, 3),
    "b6": (3, 6, 6, 8, 8, 11, 3),
    "b7": (4, 7, 7, 10, 10, 13, 4),
}
"""The architecture figures: sub-blocks of each block. B2 has no figure: its architecture is said to be B1's."""

ARTICLE_CHANNELS: dict[str, tuple[int, ...]] = {
    "b1": (32, 16, 24, 40, 80, 112, 192, 320, 1280),
    "b2": (32, 16, 24, 48, 88, 120, 208, 352, 1408),
    "b3": (40, 24, 32, 48, 96, 136, 232, 384, 1536),
    "b4": (48, 24, 32, 56, 112, 160, 272, 448, 1792),
    "b5": (48, 24, 40, 64, 128, 176, 304, 512, 2048),
    "b6": (56, 32, 40, 72, 144, 200, 344, 576, 2304),
    "b7": (64, 32, 48, 80, 160, 224, 384, 640, 2560),
}
"""Last table: channels of the nine stages (stem, seven blocks, final layers)."""

ARTICLE_MODULE_USES = {
    1: "opens a sub-block",
    2: "opens the first sub-block of every block but the first",
    3: "stands at the side of every sub-block",
    4: "closes the first sub-block of every block",
    5: "closes the repeated sub-blocks",
}
"""The figures of the sub-blocks, in our own words: where the five modules are used."""

ARTICLE_MODULES: dict[int, tuple[str, ...]] = {
    1: ("DepthwiseConv2D", "BatchNormalization", "Activation"),
    2: (
        "DepthwiseConv2D",
        "BatchNormalization",
        "Activation",
        "ZeroPadding2D",
        "DepthwiseConv2D",
        "BatchNormalization",
        "Activation",
    ),
    3: ("GlobalAveragePooling2D", "Rescaling", "Conv2D", "Conv2D"),
    4: ("Multiply", "Conv2D", "BatchNormalization"),
    5: ("Multiply", "Conv2D", "BatchNormalization", "Dropout", "Add"),
}
"""The figure of the five modules, with Keras' names; the Add that ends module 5 is drawn as a box of its own."""

# The paper ---------------------------------------------------------------------------------------------------

PAPER_STAGES: tuple[tuple[str, int, int, int], ...] = (
    ("Conv3x3", 224, 32, 1),
    ("MBConv1, k3x3", 112, 16, 1),
    ("MBConv6, k3x3", 112, 24, 2),
    ("MBConv6, k5x5", 56, 40, 2),
    ("MBConv6, k3x3", 28, 80, 3),
    ("MBConv6, k5x5", 14, 112, 3),
    ("MBConv6, k5x5", 14, 192, 4),
    ("MBConv6, k3x3", 7, 320, 1),
    ("Conv1x1 & Pooling & FC", 7, 1280, 1),
)
"""Table 1, EfficientNet-B0: operator, input resolution, output channels, layers of the nine stages."""

PAPER_SCALING = {"depth": 1.2, "width": 1.1, "resolution": 1.15}
"""Section 4: alpha, beta and gamma, as found by grid search for phi = 1."""

PAPER_SCALING_PRODUCT = 2
"""Equation 3: alpha * beta^2 * gamma^2 is about this."""

PAPER_PARAMETERS = dict(zip(FAMILY, ("5.3", "7.8", "9.2", "12", "19", "30", "43", "66"), strict=True))
"""Table 2: parameters, in millions."""

PAPER_FLOPS = dict(zip(FAMILY, ("0.39", "0.70", "1.0", "1.8", "4.2", "9.9", "19", "37"), strict=True))
"""Table 2: "FLOPs" (multiply-adds), in units of 10^9."""

PAPER_DROPOUT = {"b0": 0.2, "b7": 0.5}
"""Section 5.2: the dropout ratio rises linearly from the smallest model to the largest."""

PAPER_SURVIVAL = 0.8
"""Section 5.2: survival probability of stochastic depth."""

PAPER_ACTIVATION = "silu"
"""Section 5.2: the activation function."""


class Peer(NamedTuple):
    """A network that the paper sets beside one of its own, `beside`: accuracy on ImageNet in percent, and size.

    `parameters` are in millions and `flops` (multiply-adds) in units of 10^9, as printed; None where none are.
    """

    title: str
    beside: str
    top1: float
    top5: float
    parameters: str
    flops: str | None

    @property
    def parameter_count(self) -> int:
        """Parameters, as exactly as they are printed."""
        return round(float(self.parameters) * 1e6)

    @property
    def multiply_adds(self) -> int | None:
        """Multiply-adds, as exactly as they are printed."""
        return None if self.flops is None else round(float(self.flops) * 1e9)


PAPER_PEERS: dict[str, Peer] = {
    row.title: row
    for row in (
        Peer("ResNet-50", "b0", 76.0, 93.0, "26", "4.1"),
        Peer("DenseNet-169", "b0", 76.2, 93.2, "14", "3.5"),
        Peer("ResNet-152", "b1", 77.8, 93.8, "60", "11"),
        Peer("DenseNet-264", "b1", 77.9, 93.9, "34", "6.0"),
        Peer("Inception-v3", "b1", 78.8, 94.4, "24", "5.7"),
        Peer("Xception", "b1", 79.0, 94.5, "23", "8.4"),
        Peer("Inception-v4", "b2", 80.0, 95.0, "48", "13"),
        Peer("Inception-ResNet-v2", "b2", 80.1, 95.1, "56", "13"),
        Peer("ResNeXt-101", "b3", 80.9, 95.6, "84", "32"),
        Peer("PolyNet", "b3", 81.3, 95.8, "92", "35"),
        Peer("SENet", "b4", 82.7, 96.2, "146", "42"),
        Peer("NASNet-A", "b4", 82.7, 96.2, "89", "24"),
        Peer("AmoebaNet-A", "b4", 82.8, 96.1, "87", "23"),
        Peer("PNASNet", "b4", 82.9, 96.2, "86", "23"),
        Peer("AmoebaNet-C", "b5", 83.5, 96.5, "155", "41"),
        Peer("GPipe", "b7", 84.3, 97.0, "557", None),
    )
}
"""Table 2: what each of the networks is compared with."""

PAPER_GPIPE_RATIO = {"b7": "8.4"}
"""Table 2 and abstract: how many times smaller than GPipe B7 is."""

# The paper on V2 ---------------------------------------------------------------------------------------------

PAPER_V2_STAGES: tuple[tuple[str, int | None, int, int], ...] = (
    ("Conv3x3", 2, 24, 1),
    ("Fused-MBConv1, k3x3", 1, 24, 2),
    ("Fused-MBConv4, k3x3", 2, 48, 4),
    ("Fused-MBConv4, k3x3", 2, 64, 4),
    ("MBConv4, k3x3, SE0.25", 2, 128, 6),
    ("MBConv6, k3x3, SE0.25", 1, 160, 9),
    ("MBConv6, k3x3, SE0.25", 2, 256, 15),
    ("Conv1x1 & Pooling & FC", None, 1280, 1),
)
"""Table 4, EfficientNetV2-S: operator, stride, channels and layers of the stages 0 to 7. Earlier versions of the
paper print 272 and 1792 channels for the last two."""

PAPER_V2_PARAMETERS = dict(zip(PAPER_FAMILY_V2, ("22", "54", "120"), strict=True))
"""Table 7: parameters, in millions."""

PAPER_V2_FLOPS = dict(zip(PAPER_FAMILY_V2, ("8.8", "24", "53"), strict=True))
"""Table 7: FLOPs (multiply-adds), in units of 10^9."""

# The reference implementations --------------------------------------------------------------------------------

V2_DROPOUT = dict(zip(FAMILY_V2, ((0.2,), (0.2,), (0.3,), (0.3,), (0.2,), (0.3,), (0.4,)), strict=True))
"""Configuration `efficientnetv2_params`: the rate of the dropout before the classifier."""

LITE_PARAMETERS = dict(zip(FAMILY_LITE, ("4.7", "5.4", "6.1", "8.2", "13.0"), strict=True))
"""Table in the README of EfficientNet-Lite: parameters, in millions."""

LITE_MADDS = dict(zip(FAMILY_LITE, ("0.407", "0.631", "0.899", "1.44", "2.64"), strict=True))
"""The same table: "MAdds", in units of 10^9; the first three are printed in millions."""

# Keras' documentation ----------------------------------------------------------------------------------------

KERAS_PARAMETERS = dict(zip(FAMILY, ("5.3", "7.9", "9.2", "12.3", "19.5", "30.6", "43.3", "66.7"), strict=True))
KERAS_PARAMETERS_V2 = dict(zip(FAMILY_V2, ("7.2", "8.2", "10.2", "14.5", "21.6", "54.4", "119.0"), strict=True))
"""Table "Available models": parameters, in millions."""

KERAS_PARAMETERS_EXACT: dict[str, int] = dict(
    zip(
        FAMILY,
        (5_330_571, 7_856_239, 9_177_569, 12_320_535, 19_466_823, 30_562_527, 43_265_143, 66_658_687),
        strict=True,
    )
)
"""The same table in its editions of 2020 and 2021."""

KERAS_DEPTH = dict(zip(FAMILY, (132, 186, 186, 210, 258, 312, 360, 438), strict=True))
"""Table "Available models": depth. Of it the page says that it "includes activation layers, batch normalization layers
etc.", and also that it "counts the number of layers with parameters"."""

KERAS_SIZE = dict(zip(FAMILY, (29, 31, 36, 48, 75, 118, 166, 256), strict=True))
KERAS_SIZE_V2 = dict(zip(FAMILY_V2, (29, 34, 42, 59, 88, 220, 479), strict=True))
"""Table "Available models": size of the weights' file, in MB."""

KERAS_RESOLUTION = dict(zip(FAMILY, (224, 240, 260, 300, 380, 456, 528, 600), strict=True))
"""Example "Image classification via fine-tuning with EfficientNet": side of the input, in pixels."""

KERAS_RESCALING: dict[str, tuple[float, float]] = {
    key: (1 / 128, -1.0) if key in PAPER_FAMILY_V2 else (1 / 255, 0.0) for key in (*FAMILY, *FAMILY_V2)
}
"""Source of `keras.applications`: what the pixels are multiplied by, and what is added then."""

KERAS_IMAGENET_LAYERS = {"b0+imagenet": 238, "b7+imagenet": 814}
"""Source of `keras.applications`: with `weights="imagenet"` a second Rescaling follows the Normalization."""

# Accuracy ----------------------------------------------------------------------------------------------------


class Accuracy(NamedTuple):
    """Accuracy on ImageNet in percent, at the variant's own resolution, as `source` states it.

    `top5` is None where it is not stated. `more_data` says that it took more images than those of ImageNet's
    1000 classes to train it, so that it compares with others only so far.
    """

    top1: float
    top5: float | None
    source: str
    more_data: bool = False


PAPER_RESULTS = "arXiv 1905.11946, version 5, table 2"
KERAS_RESULTS = "https://keras.io/api/applications/"
LITE_RESULTS = "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite"
EDGETPU_RESULTS = "README of the reference implementation of EfficientNet-EdgeTPU, float models"

PAPER_FIRST_ACCURACY: dict[str, tuple[float, float]] = dict(
    zip(
        FAMILY,
        (
            (76.3, 93.2),
            (78.8, 94.4),
            (79.8, 94.9),
            (81.1, 95.5),
            (82.6, 96.3),
            (83.3, 96.7),
            (84.0, 96.9),
            (84.4, 97.1),
        ),
        strict=True,
    )
)
"""The same table in an earlier version of the paper, which the article shows: top-1 and top-5 in percent."""

PUBLISHED_ACCURACY: dict[str, Accuracy] = {
    "b0": Accuracy(77.1, 93.3, PAPER_RESULTS),
    "b1": Accuracy(79.1, 94.4, PAPER_RESULTS),
    "b2": Accuracy(80.1, 94.9, PAPER_RESULTS),
    "b3": Accuracy(81.6, 95.7, PAPER_RESULTS),
    "b4": Accuracy(82.9, 96.4, PAPER_RESULTS),
    "b5": Accuracy(83.6, 96.7, PAPER_RESULTS),
    "b6": Accuracy(84.0, 96.8, PAPER_RESULTS),
    "b7": Accuracy(84.3, 97.0, PAPER_RESULTS),
    "b8": Accuracy(85.5, None, "arXiv 1911.09665, abstract"),
    "l2": Accuracy(88.4, None, "arXiv 1911.04252, abstract", more_data=True),
    "v2-b0": Accuracy(78.7, 94.3, KERAS_RESULTS),
    "v2-b1": Accuracy(79.8, 95.0, KERAS_RESULTS),
    "v2-b2": Accuracy(80.5, 95.1, KERAS_RESULTS),
    "v2-b3": Accuracy(82.0, 95.8, KERAS_RESULTS),
    "v2-s": Accuracy(83.9, 96.7, KERAS_RESULTS),
    "v2-m": Accuracy(85.3, 97.4, KERAS_RESULTS),
    "v2-l": Accuracy(85.7, 97.5, KERAS_RESULTS),
    "v2-xl": Accuracy(87.3, None, "arXiv 2104.00298, table 7", more_data=True),
    "lite0": Accuracy(75.1, None, LITE_RESULTS),
    "lite1": Accuracy(76.7, None, LITE_RESULTS),
    "lite2": Accuracy(77.6, None, LITE_RESULTS),
    "lite3": Accuracy(79.8, None, LITE_RESULTS),
    "lite4": Accuracy(81.5, None, LITE_RESULTS),
    "es": Accuracy(77.23, None, EDGETPU_RESULTS),
    "em": Accuracy(78.69, None, EDGETPU_RESULTS),
    "el": Accuracy(80.62, None, EDGETPU_RESULTS),
}

PAPER_ACCURACIES = {key: (*PUBLISHED_ACCURACY[key][:2], *before) for key, before in PAPER_FIRST_ACCURACY.items()}
"""Table 2 in its latest version and in the earlier one: top-1 and top-5 of each, in percent."""
