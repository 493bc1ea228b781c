from __future__ import annotations

import pytest

from effnet_inspect.catalog.published import PUBLISHED_ACCURACY
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.views.variants import Limits, variants
from tests.graphs import VARIANTS as FAMILY
from tests.graphs import measures_of, network_of


def admitted(limits: Limits) -> list[str]:
    return [row["target"] for row in variants([network_of(target) for target in FAMILY], limits).data["variants"]]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(), "b0 b1 b2 b3 b4 b5 b6 b7"),
        (Limits(parameters=10_000_000), "b0 b1 b2"),
        (Limits(parameters=5_330_571), "b0"),
        (Limits(parameters=5_330_570), ""),
        (Limits(macs=2e9), "b0 b1 b2 b3"),
        (Limits(top1=84.0), "b6 b7"),
        (Limits(10_000_000, 2e9, 80), "b2"),
    ],
)
def test_which_one_fits(limits: Limits, expected: str) -> None:
    assert admitted(limits) == expected.split()


def test_what_fits_is_said() -> None:
    networks = [network_of(target) for target in FAMILY]
    assert variants(networks, Limits(parameters=1)).lead == "None of the 8 variants fits."
    assert variants(networks, Limits(parameters=1)).tables == ()
    assert variants(networks, Limits(top1=84.3)).lead == "1 of 8 variants fits."
    assert variants(networks, Limits(top1=84)).lead == "2 of 8 variants fit."
    assert variants(networks).lead == ""


def test_numbers_come_from_the_graph_and_published_ones_are_apart() -> None:
    (row,) = variants([network_of("b4")]).data["variants"]
    totals = measures_of("b4").totals()
    assert (row["layers"], row["parameters"], row["macs"]) == (477, totals["parameters"], totals["macs"])
    assert row["sub_blocks"] == 32
    assert row["published"] == {
        "top1": 82.9,
        "top5": 96.4,
        "more_data": False,
        "source": "arXiv 1905.11946, version 5, table 2",
    }


def shown(*targets: str, columns: str = "", width: int = 200) -> str:
    document = variants([network_of(target) for target in targets])
    options = Options(width=width, columns=tuple(columns.split(",")) if columns else ())
    return FORMATS["terminal"].render(document, options).decode()


def test_no_bars_where_values_lie_close_together() -> None:
    assert "77.1%" in shown("b0", "b7")
    assert "█" not in shown("b0", "b7")


def test_published_columns_come_when_they_are_asked_for() -> None:
    assert "93.3%" not in shown("b0")
    lines = shown("b0", "l2", columns="target,top5,more_data,source").splitlines()
    assert lines[4].split(maxsplit=3) == ["b0", "93.3%", "no", "arXiv 1905.11946, version 5, table 2"]
    assert lines[5].split(maxsplit=3)[:3] == ["l2", "–", "yes"]


def test_the_sources_are_named() -> None:
    words = " ".join(shown("b0", "b1", "b2", "b8", "l2").split())
    assert "arXiv 1905.11946, version 5, table 2 (b0 to b2); arXiv 1911.09665, abstract (b8); arXiv" in words
    assert "Trained on more images than those of ImageNet: l2." in words


def test_a_variant_without_published_accuracy_reaches_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PUBLISHED_ACCURACY, "b7")
    assert admitted(Limits(top1=0)) == [*FAMILY[:-1]]


def test_every_variant_has_an_accuracy_in_percent() -> None:
    assert set(PUBLISHED_ACCURACY) == set(VARIANTS)
    for accuracy in PUBLISHED_ACCURACY.values():
        assert 50 < accuracy.top1 < (accuracy.top5 or 100) <= 100
