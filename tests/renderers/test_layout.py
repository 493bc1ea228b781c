"""What fits a width: which columns leave, which stand closer, and what becomes of long names and running text."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from effnet_inspect.document import Column, Row, Table
from effnet_inspect.renderers.layout import LEAST_NAME, lay_out


def table(*columns: Column, values: tuple[str | int | float, ...]) -> Table:
    return Table("", columns, (Row(values),))


STAGES = table(
    Column("part", "Part"),
    Column("sub_blocks", "Sub-blocks", "count", drop_priority=4),
    Column("stride", "Stride", "count", drop_priority=9),
    Column("share", "Share", "share", drop_priority=7, bars=True),
    values=("Final layers", 3, 2, 0.5),
)


@pytest.mark.parametrize(
    ("width", "keys", "gap", "bars", "title"),
    [
        (51, "part sub_blocks stride share", 2, True, ("Sub-blocks",)),
        (50, "part sub_blocks stride share", 2, False, ("Sub-blocks",)),
        (39, "part sub_blocks stride share", 2, False, ("Sub-blocks",)),
        (38, "part sub_blocks stride share", 2, False, ("Sub-", "blocks")),
        (35, "part sub_blocks stride share", 2, False, ("Sub-", "blocks")),
        (34, "part sub_blocks share", 2, False, ("Sub-blocks",)),
        (26, "part sub_blocks", 2, False, ("Sub-blocks",)),
        (20, "part sub_blocks", 2, False, ("Sub-", "blocks")),
        (19, "part sub_blocks", 1, False, ("Sub-", "blocks")),
    ],
)
def test_what_gives_way_first(width: int, keys: str, gap: int, bars: bool, title: tuple[str, ...]) -> None:
    layout = lay_out(STAGES, width)
    (group,) = layout.groups
    assert [lane.column.key for lane in group] == keys.split()
    assert (layout.gap, layout.bars) == (gap, bars)
    assert group[1].title == title
    assert sum(lane.width for lane in group) + gap * (len(group) - 1) <= width


def test_columns_of_one_priority_leave_together() -> None:
    shares = [Column(key, "Share", "share", drop_priority=7) for key in ("parameters_share", "macs_share")]
    assert lay_out(table(Column("part", "Part"), *shares, values=("a part", 0.5, 0.25)), 18).hidden == ("Share",)


NAME = "feature_extractor/efficientnetb0/block1a_se_squeeze"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, NAME),
        (len(NAME) + 7, NAME),
        (len(NAME) + 6, "…/efficientnetb0/block1a_se_squeeze"),
        (34, "…/block1a_se_squeeze"),
        (10, "…eze"),
    ],
)
def test_the_end_of_a_name_stays(width: int, shown: str) -> None:
    names = table(Column("part", "Layer", keep_end=True), Column("count", "Count", "count"), values=(NAME, 1))
    (group,) = lay_out(names, width).groups
    assert group[0].cells == (shown,)
    assert group[0].width >= min(LEAST_NAME, width - 7)


@pytest.mark.parametrize(
    ("cell", "width", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("深度可分离卷积层 名称", 17, ["深度可分离卷积层", "名称"]),
        ("深度可分离卷积层", 7, ["深度可", "分离卷", "积层"]),
        ("squeeze-excite module", 9, ["squeeze-", "excite", "module"]),
        ("in 1a-2b or elsewhere", 5, ["in", "1a-2b", "or", "elsew", "here"]),
    ],
)
def test_lines_are_as_wide_as_a_terminal_shows_them(cell: str, width: int, lines: list[str]) -> None:
    (group,) = lay_out(table(Column("a", "A", wrap=True), values=(cell,)), width).groups
    assert group[0].cells[0].split("\n") == lines


@pytest.mark.parametrize("width", [20, 33, 60])
@pytest.mark.parametrize("words", ["experiments_of_november_", "编码器第四阶段的深度可分离卷积层"])
def test_names_give_way_however_many_columns_have_them(words: str, width: int) -> None:
    columns = [Column(key, f"{words} {key}", keep_end=True) for key in ("one", "two", "three")]
    (group,) = lay_out(table(*columns, values=tuple(f"{words}{number}" for number in range(3))), width).groups
    assert sum(lane.width for lane in group) + 2 <= width
    for number, lane in enumerate(group):
        texts = (*lane.title, *lane.cells)
        assert max(map(cell_len, texts)) <= lane.width
        assert lane.cells[0].endswith(str(number))


def test_running_text_takes_about_as_many_lines() -> None:
    words = "word " * 30
    texts = table(Column("a", "A", wrap=True), Column("b", "B", wrap=True), values=(words.strip(), words[:50].strip()))
    (group,) = lay_out(texts, 80).groups
    heights = [lane.cells[0].count("\n") + 1 for lane in group]
    assert max(heights) <= 3
    assert sum(lane.width for lane in group) <= 78


def test_names_with_hyphens_break_only_where_they_must() -> None:
    text = table(Column("a", "A", wrap=True), values=("see module-1 and a-name-that-is-longer-than-that",))
    assert "module-\n" not in lay_out(text, 40).groups[0][0].cells[0]
    assert all(len(line) <= 12 for line in lay_out(text, 12).groups[0][0].cells[0].split("\n"))
