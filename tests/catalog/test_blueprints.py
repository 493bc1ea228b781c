"""Every published variant, as built and dissected, against what is published of it."""

from __future__ import annotations

import pytest

from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.sources import load_all
from effnet_inspect.structure.dissection import dissect
from tests.graphs import anatomy_of, graph_of, measures_of, rename

B1 = (2, 3, 3, 4, 4, 5, 2)
B_FILTERS = (16, 24, 40, 80, 112, 192, 320)
V2_B = (16, 32, 48, 96, 112, 192)

# Parameters are exact, counted in independent builds; MACs in G. Keras' own counts of layers are without the top.
PUBLISHED: dict[str, tuple[tuple[int, ...], int, tuple[int, ...], int, int, int, float]] = {
    # sub-blocks; stem, channels of the blocks, head; layers without the classifier; parameters; MACs
    "b0": ((1, 2, 2, 3, 3, 4, 1), 32, B_FILTERS, 1280, 237, 5_330_571, 0.386),
    "b1": (B1, 32, B_FILTERS, 1280, 339, 7_856_239, 0.687),
    "b2": (B1, 32, (16, 24, 48, 88, 120, 208, 352), 1408, 339, 9_177_569, 0.994),
    "b3": ((2, 3, 3, 5, 5, 6, 2), 40, (24, 32, 48, 96, 136, 232, 384), 1536, 384, 12_320_535, 1.827),
    "b4": ((2, 4, 4, 6, 6, 8, 2), 48, (24, 32, 56, 112, 160, 272, 448), 1792, 474, 19_466_823, 4.394),
    "b5": ((3, 5, 5, 7, 7, 9, 3), 48, (24, 40, 64, 128, 176, 304, 512), 2048, 576, 30_562_527, 10.266),
    "b6": ((3, 6, 6, 8, 8, 11, 3), 56, (32, 40, 72, 144, 200, 344, 576), 2304, 666, 43_265_143, 19.068),
    "b7": ((4, 7, 7, 10, 10, 13, 4), 64, (32, 48, 80, 160, 224, 384, 640), 2560, 813, 66_658_687, 37.746),
    "b8": ((4, 8, 8, 11, 11, 15, 4), 72, (32, 56, 88, 176, 248, 424, 704), 2816, 903, 87_793_181, 62.597),
    "l2": ((6, 11, 11, 16, 16, 22, 6), 136, (72, 104, 176, 344, 480, 824, 1376), 5504, 1302, 481_400_003, 475.704),
    "v2-b0": ((1, 2, 2, 3, 5, 8), 32, V2_B, 1280, 270, 7_200_312, 0.718),
    "v2-b1": ((2, 3, 3, 4, 6, 9), 32, V2_B, 1280, 334, 8_212_124, 1.197),
    "v2-b2": ((2, 3, 3, 4, 6, 10), 32, (16, 32, 56, 104, 120, 208), 1408, 349, 10_178_374, 1.698),
    "v2-b3": ((2, 3, 3, 5, 7, 12), 40, (16, 40, 56, 112, 136, 232), 1536, 409, 14_467_622, 3.011),
    "v2-s": ((2, 4, 4, 6, 9, 15), 24, (24, 48, 64, 128, 160, 256), 1280, 513, 21_612_360, 8.366),
    "v2-m": ((3, 5, 5, 7, 14, 18, 5), 24, (24, 48, 80, 160, 176, 304, 512), 1280, 740, 54_431_388, 24.582),
    "v2-l": ((4, 7, 7, 10, 19, 25, 7), 32, (32, 64, 96, 192, 224, 384, 640), 1280, 1028, 119_027_848, 56.080),
    "v2-xl": ((4, 8, 8, 16, 24, 32, 8), 32, (32, 64, 96, 192, 256, 512, 640), 1280, 1327, 208_896_832, 93.353),
    "lite0": ((1, 2, 2, 3, 3, 4, 1), 32, B_FILTERS, 1280, 156, 4_694_024, 0.385),
    "lite1": ((1, 3, 3, 4, 4, 5, 1), 32, B_FILTERS, 1280, 206, 5_470_344, 0.600),
    "lite2": ((1, 3, 3, 4, 4, 5, 1), 32, (16, 24, 48, 88, 120, 208, 352), 1280, 206, 6_150_168, 0.860),
    "lite3": ((1, 3, 3, 5, 5, 6, 1), 32, (24, 32, 48, 96, 136, 232, 384), 1280, 236, 8_273_768, 1.383),
    "lite4": ((1, 4, 4, 6, 6, 8, 1), 32, (24, 32, 56, 112, 160, 272, 448), 1280, 296, 13_118_936, 2.553),
    "es": ((1, 2, 4, 5, 4, 2), 32, (24, 32, 48, 96, 144, 192), 1280, 160, 5_489_832, 1.789),
    "em": ((2, 3, 5, 6, 5, 3), 32, (24, 32, 48, 96, 144, 192), 1280, 211, 6_967_304, 3.013),
    "el": ((2, 3, 6, 7, 6, 3), 40, (32, 40, 56, 112, 176, 232), 1536, 238, 10_681_920, 7.936),
}

V1_STRIDES, V1_EXPANSIONS = (1, 2, 2, 2, 1, 2, 1), (1, 6, 6, 6, 6, 6, 6)
KERNELS = {"v1": (3, 3, 5, 3, 5, 5, 3), "lite": (3, 3, 5, 3, 5, 5, 3), "v2": (3,) * 7, "edgetpu": (3, 3, 3, 5, 5, 5)}
STRIDES = {"v1": V1_STRIDES, "lite": V1_STRIDES, "v2": V1_STRIDES, "edgetpu": V1_STRIDES[:6]}
EXPANSIONS = {
    "v1": V1_EXPANSIONS,
    "lite": V1_EXPANSIONS,
    "v2": (1, 4, 4, 4, 6, 6, 6),
    "edgetpu": (3, 8, 8, 8, 8, 8),
}
"""EdgeTPU's first sub-block widens the stem's 32 channels (40 of L) to four times its own 24 (32 of L)."""

# Learned parameters in millions, as the papers and the reference implementations print them.
MILLIONS = {
    "b0": 5.3,
    "b1": 7.8,
    "b2": 9.1,
    "b3": 12.2,
    "b4": 19.3,
    "b5": 30.4,
    "b6": 43.0,
    "b7": 66.3,
    "b8": 87.4,
    "l2": 480.3,
    "v2-b0": 7.1,
    "v2-b1": 8.1,
    "v2-b2": 10.1,
    "v2-b3": 14.4,
    "v2-s": 21.5,
    "v2-m": 54.1,
    "v2-l": 118.5,
    "v2-xl": 208.1,
    "lite0": 4.65,
    "lite1": 5.42,
    "lite2": 6.09,
    "lite3": 8.20,
    "lite4": 13.01,
    "es": 5.44,
    "em": 6.90,
    "el": 10.59,
}


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    load_all(list(VARIANTS))


def test_every_variant_has_its_row() -> None:
    assert list(PUBLISHED) == list(VARIANTS)
    assert set(MILLIONS) == set(VARIANTS)


@pytest.mark.parametrize("key", VARIANTS)
def test_the_anatomy_is_the_published_one(key: str) -> None:
    anatomy = anatomy_of(key)
    sub_blocks, stem, filters, head, _, _, _ = PUBLISHED[key]
    family = VARIANTS[key].family
    openers = [block.first for block in anatomy.blocks]
    assert tuple(len(block.sub_blocks) for block in anatomy.blocks) == sub_blocks
    assert anatomy.stem.layers[-1].channels == stem
    assert tuple(block.output_shape[-1] for block in anatomy.blocks if block.output_shape) == filters
    assert anatomy.head is not None
    assert anatomy.head.layers[0].filters == head
    assert tuple(each.kernel[0] for each in openers) == KERNELS[family][: len(openers)]
    assert tuple(each.stride[0] for each in openers) == STRIDES[family][: len(openers)]
    expansions = (3.2, *EXPANSIONS[family][1:]) if key == "el" else EXPANSIONS[family]
    assert tuple(each.expansion for each in openers) == expansions[: len(openers)]
    assert [each.fused for each in openers] == [family in ("v2", "edgetpu") and each.block <= 3 for each in openers]
    assert all(
        (each.squeeze_excite is not None) == (family in ("v1", "v2") and not each.fused) for each in anatomy.sub_blocks
    )
    assert anatomy.is_whole
    assert not anatomy.remarks


@pytest.mark.parametrize("key", VARIANTS)
def test_layers_parameters_and_macs(key: str) -> None:
    totals = measures_of(key).totals()
    *_, layers, parameters, macs = PUBLISHED[key]
    assert (totals["layers"] - 3, totals["parameters"]) == (layers, parameters)
    assert totals["macs"] / 1e9 == pytest.approx(macs, abs=0.0006)
    assert totals["trainable_parameters"] / 1e6 == pytest.approx(
        MILLIONS[key], abs=0.006 if key.startswith("lite") else 0.06
    )
    assert not totals.total("macs").missing


@pytest.mark.parametrize("key", VARIANTS)
def test_module_numbers_apply_where_the_modules_do(key: str) -> None:
    for sub_block in anatomy_of(key).sub_blocks:
        numbers = [module.number for module in sub_block.modules]
        opening = None if sub_block.fused else 2 if sub_block.kind == 2 else 1
        closing = [5 if sub_block.kind == 3 else 4]
        squeeze_excite = [3] if sub_block.squeeze_excite else []
        if sub_block.fused and sub_block.expansion == 1 and not sub_block.residual:
            closing = []
        assert numbers == [opening, *squeeze_excite, *closing]


@pytest.mark.parametrize("key", VARIANTS)
def test_the_anatomy_needs_no_names(key: str) -> None:
    graph = graph_of(key)
    anatomy = anatomy_of(key)
    renamed = dissect(rename(graph, {layer.name: f"layer_{index}" for index, layer in enumerate(graph)}))
    assert [each.name for each in renamed.sub_blocks] == [each.name for each in anatomy.sub_blocks]
    assert [len(stage.layers) for stage in renamed.stages] == [len(stage.layers) for stage in anatomy.stages]
