"""What `sample_output/` contains: `python -m tests.samples` runs every command here and writes what it prints or draws.

It also writes the folder's README (the gallery, and the JSON contracts) and the output of the examples in the
project's README. `test_samples.py` compares all text files with what the commands write.
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from click.testing import CliRunner

from effnet_inspect.cli import main as effnet_inspect
from tests.checkpoints.files import beside_the_examples
from tests.contracts import describe_contracts
from tests.notebook import write_notebook
from tests.readme import README, refreshed

FOLDER = Path(__file__).parents[1] / "sample_output"

TEXT_SUFFIXES = frozenset({".txt", ".json", ".csv", ".md", ".html", ".tex", ".dot", ".tikz"})
"""Of the samples that are compared. Pictures are not: another Graphviz may place them a little differently."""

EXCERPT_LINES = 12

Section = Literal["One model as a table", "Answers", "Comparisons", "Variants", "Weights", "Claims", "Figures", "Plots"]


class Sample(NamedTuple):
    """One file: the command that wrote it, and what it shows."""

    name: str
    section: Section
    command: str
    shows: str

    @property
    def is_text(self) -> bool:
        """Whether it is compared with what its command writes now."""
        return Path(self.name).suffix in TEXT_SUFFIXES

    @property
    def shell(self) -> str:
        """The command as a person types it."""
        return f"effnet-inspect {self.command} --out {self.name}"


SAMPLES: tuple[Sample, ...] = (
    Sample("summary-b0.txt", "One model as a table", "summary b0", "All blocks of B0."),
    Sample(
        "summary-b5-folded.txt",
        "One model as a table",
        "summary b5 --fold",
        "The sub-blocks of B5; consecutive identical rows are merged and summed.",
    ),
    Sample("summary-b0-layers.csv", "One model as a table", "summary b0 --level layer", "Every layer of B0."),
    Sample("summary-b0.json", "One model as a table", "summary b0", "Everything that is known about B0."),
    Sample(
        "summary-b0.html", "One model as a table", "summary b0", "The same table as a page that needs no other file."
    ),
    Sample("summary-b0.tex", "One model as a table", "summary b0", "The same for a paper; needs array and booktabs."),
    Sample(
        "summary-b0-paper.txt",
        "One model as a table",
        "summary b0 --preset paper",
        "Table 1 of the paper, from the graph.",
    ),
    Sample("counts-b0.txt", "Answers", "summary b0 --counts", "Every convention of counting, with who counts so."),
    Sample("taps-b0-512.txt", "Answers", "taps b0@512", "The layers that feed a decoder, in two styles."),
    Sample("taps-b0-512.json", "Answers", "taps b0@512 --code", "The same, with lines that build the extractor."),
    Sample("sizes-b5.txt", "Answers", "sizes b5", "Why B5 at its own size breaks a decoder."),
    Sample(
        "sizes-b0.csv", "Answers", "sizes b0 224..512:32 --output-stride 16", "Sizes with an output stride, as a table."
    ),
    Sample("freeze-b3.txt", "Answers", "freeze b3 --layers 20", "Where the last 20 layers of a tutorial fall in B3."),
    Sample("cost-b0.md", "Answers", "cost b0 --batch 8 --memory 11GB", "The memory that B0 takes, stage by stage."),
    Sample("compare-b0-to-b7.txt", "Comparisons", "compare all", "The family, with the growth from B0 to B7."),
    Sample(
        "compare-b1-to-b7-channels.md",
        "Comparisons",
        "compare b1..b7 --by channels",
        "The last table of the article, as Markdown.",
    ),
    Sample("compare-b0-v2-b0.txt", "Comparisons", "compare b0 v2-b0", "Where two networks first differ."),
    Sample("compare-b1-b2.json", "Comparisons", "compare b1 b2", "Two networks with the same graph."),
    Sample(
        "compare-b0-to-b7.csv", "Comparisons", "compare all", "The family as one tidy table, for pandas and the like."
    ),
    Sample("growth-b0-to-b7.svg", "Comparisons", "compare all", "The family, one model above the other."),
    Sample(
        "shape-b0-b7.svg",
        "Comparisons",
        "compare b0 b7 --view shape",
        "The silhouettes of the smallest and the largest at one scale.",
    ),
    Sample(
        "diff-b0-v2-b0.svg",
        "Comparisons",
        "compare b0 v2-b0 --view diff",
        "Two networks side by side: what is equal, changed, inserted and deleted.",
    ),
    Sample("variants.txt", "Variants", "variants", "All variants, with their published accuracies."),
    Sample("variants.json", "Variants", "variants", "The same, with the source of each accuracy."),
    Sample(
        "results.md",
        "Variants",
        "variants --results",
        "The paper's table of results: each network and its peers; what is published is marked.",
    ),
    Sample(
        "weights-b3.txt",
        "Weights",
        "weights cats.safetensors --into b3",
        "A file of weights from timm with a classifier of five classes, and why it does not fit B3.",
    ),
    Sample("weights-b3.json", "Weights", "weights cats.safetensors --into b3", "The same for programs."),
    Sample("map-b0-timm.csv", "Weights", "map b0 --to timm", "What Keras and timm call every array of B0."),
    Sample("map-b0-4c.json", "Weights", "map b0 --to timm --find 4c", "Those of one sub-block, for programs."),
    Sample("verify.txt", "Claims", "verify", "All claims with their verdicts."),
    Sample("verify-flops.txt", "Claims", "verify --claim flops", "One claim in detail."),
    Sample("verify-module-1.json", "Claims", "verify --claim module-1", "One claim, for programs."),
    Sample(
        "verify-modules.svg",
        "Claims",
        "verify --claim modules",
        "The article's modules: as drawn there, and as built.",
    ),
    Sample(
        "diagram-b0.svg",
        "Figures",
        "diagram b0 --theme auto",
        "The architecture of B0, light or dark as its reader prefers.",
    ),
    Sample("diagram-b0.dot", "Figures", "diagram b0", "The same for Graphviz; render it with `neato -n2`."),
    Sample("diagram-b0.tikz", "Figures", "diagram b0", "The same for LaTeX, in the fonts of its document."),
    Sample("diagram-b0-dark.svg", "Figures", "diagram b0 --theme dark", "The same on a dark background."),
    Sample("diagram-b7.svg", "Figures", "diagram b7", "The architecture of B7; what is in a bracket is repeated."),
    Sample("diagram-b7-slide.svg", "Figures", "diagram b7 --fit slide", "The same for a slide."),
    Sample(
        "diagram-b3-column.svg",
        "Figures",
        "diagram b3 --fit column --labels paper",
        "B3 for a column of a paper, in the paper's words.",
    ),
    Sample("diagram-v2-s.png", "Figures", "diagram v2-s", "EfficientNetV2-S as a PNG; it has Fused-MBConvs."),
    Sample("page-b0.html", "Figures", "page b0", "B0 as a page to walk through; it needs no other file."),
    Sample("sub-blocks-b5.svg", "Figures", "diagram b5 --view sub-blocks", "The kinds of sub-block that B5 has."),
    Sample(
        "operators-v2-s.svg",
        "Figures",
        "diagram v2-s --view mbconv",
        "The operators of V2-S: Fused-MBConv and MBConv, tensors as wide as they have channels.",
    ),
    Sample("modules-b5.svg", "Figures", "diagram b5 --view modules", "The modules that these consist of."),
    Sample("block-4-b0.svg", "Figures", "diagram b0 --block 4", "One block with every layer."),
    Sample("block-7-b0.svg", "Figures", "diagram b0 --block 7", "A block with one sub-block: an MBConv6."),
    Sample(
        "shape-b0.svg",
        "Figures",
        "diagram b0 --view shape",
        "The silhouette of B0: slabs as high as the resolution, as wide as the channels.",
    ),
    Sample("heat-b0.svg", "Figures", "diagram b0 --heat macs", "Where the MACs of B0 are."),
    Sample("poster-b5.svg", "Figures", "diagram b5 --view poster --fit a3", "What there is room for on a sheet of A3."),
    Sample(
        "plot-accuracy.svg",
        "Plots",
        "plot accuracy --theme auto",
        "Published accuracy against parameters that are counted from the graphs, beside the paper's peers.",
    ),
    Sample("plot-accuracy-macs.txt", "Plots", "plot accuracy --x macs", "The same against MACs, in a terminal."),
    Sample(
        "plot-scaling.svg",
        "Plots",
        "plot scaling --theme auto",
        "Compound scaling, from real graphs: width, depth and resolution, each alone and all together.",
    ),
    Sample("plot-scaling-b0-b3-b7.csv", "Plots", "plot scaling b0 b3 b7", "The stages of three networks as a table."),
    Sample("plot-cost-b0.svg", "Plots", "plot cost b0", "Where the parameters, MACs, activations and bytes of B0 are."),
    Sample(
        "plot-receptive-field.svg",
        "Plots",
        "plot receptive-field b0 b3 b7",
        "How the local receptive field grows and the resolution falls.",
    ),
    Sample("plot-receptive-field-b0.json", "Plots", "plot receptive-field b0", "The same of B0, for programs."),
)
"""Every file in `sample_output/` that a command of effnet-inspect writes."""

NOTEBOOK = "notebook.ipynb"

RUN_APART = {
    "benchmarks.md": ("tests.benchmarks.record", "Time and memory, beside other tools and by the size of the network."),
    "growth.svg": ("tests.benchmarks.record", "The second as a plot."),
    "corpus.md": ("tests.corpus", "Networks of other packages, told by their structure."),
    "corpus.json": ("tests.corpus", "The same with every network."),
    "oracles.md": ("tests.oracles", "Figures of single layers, held against other packages."),
}
"""What is written by runs that take long, by name: the module that writes it, and what it shows."""

INTRODUCTION = """\
# What effnet-inspect prints and draws

Every file here was written by the command that is shown with it. The files are complete; this page shows the pictures,
and the first lines of the texts. `python -m tests.samples` writes all files again, and this page.
"""


def write(folder: Path, only_text: bool = False) -> None:
    """Run the commands, each into its file in `folder`, and write the README that shows them."""
    for sample in SAMPLES:
        if only_text and not sample.is_text:
            continue
        arguments = [*sample.command.split(), "--out", str(folder / sample.name)]
        with beside_the_examples():
            CliRunner().invoke(effnet_inspect, arguments, catch_exceptions=False, standalone_mode=False)
    readme = "\n".join((INTRODUCTION, *gallery(folder), *apart(), *describe_contracts()))
    (folder / "README.md").write_text(readme.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def gallery(folder: Path) -> list[str]:
    """Lines of Markdown: every sample with its command, and a picture or its first lines."""
    lines = []
    for section, samples in groupby(SAMPLES, key=lambda sample: sample.section):
        lines += [f"## {section}", ""]
        for sample in samples:
            lines += [f"[`{sample.name}`]({sample.name}): {sample.shows}", "", "```sh", sample.shell, "```", ""]
            lines += _excerpt(folder / sample.name) if sample.is_text else [f"![{sample.shows}]({sample.name})", ""]
    return lines


def apart() -> list[str]:
    """Lines of Markdown: what was not written by a command."""
    rows = (f"* [`{name}`]({name}): {shows} `python -m {module}`" for name, (module, shows) in RUN_APART.items())
    notebook = f"[`{NOTEBOOK}`]({NOTEBOOK}): what networks, tables and figures show of themselves in Jupyter."
    return ["## In a notebook", "", notebook, "", "## Runs apart from the tests", "", *rows, ""]


def _excerpt(path: Path) -> list[str]:
    """A text file's first lines; Markdown is shown as it is, and what is not for reading not at all."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".md":
        return [f"#{line}" if line.startswith("#") else line for line in lines] + [""]
    if path.suffix in {".html", ".dot"}:
        return []
    shown = lines[:EXCERPT_LINES] + ["..."] * (len(lines) > EXCERPT_LINES)
    return [f"```{'json' if path.suffix == '.json' else 'text'}", *shown, "```", ""]


if __name__ == "__main__":
    for path in FOLDER.iterdir() if FOLDER.is_dir() else ():
        if path.name not in RUN_APART:
            path.unlink()
    FOLDER.mkdir(exist_ok=True)
    write(FOLDER)
    write_notebook(FOLDER / NOTEBOOK)
    README.write_text(refreshed(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    sys.stdout.write(f"Wrote {len(SAMPLES) + 1} files to {FOLDER.name}/, and the examples in {README.name}\n")
