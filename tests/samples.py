"""What `sample_output/` holds: `python -m tests.samples` runs every command here and writes what it says.

The text files are compared with the commands' output by `test_samples.py`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from click.testing import CliRunner

from effnet_inspect.cli import main as effnet_inspect
from tests.conftest import VARIANTS

FOLDER = Path(__file__).parents[1] / "sample_output"

TEXT_ENDINGS = frozenset({".txt", ".json", ".csv", ".md", ".html", ".tex", ".dot"})

COMMANDS: dict[str, str] = {
    **{f"{name}/summary.txt": f"summary {name}" for name in VARIANTS},
    **{f"{name}/summary.json": f"summary {name}" for name in VARIANTS},
    "b0/summary.md": "summary b0",
    "b0/summary.html": "summary b0",
    "b0/summary.tex": "summary b0",
    "b0/layers.csv": "summary b0 --level layer",
    "b5/sub-blocks-folded.txt": "summary b5 --fold",
    **{f"{name}/summary.txt": f"summary {name}" for name in ("l2", "v2-s", "v2-xl", "lite0")},
    **{f"{name}/architecture.{ending}": f"diagram {name}" for name in VARIANTS for ending in ("svg", "dot")},
    **{f"{name}/architecture.png": f"diagram {name}" for name in ("b0", "b5", "b7")},
    **{f"{name}/architecture.svg": f"diagram {name}" for name in ("l2", "v2-s", "v2-xl", "lite0")},
    **{f"b5/{view}.svg": f"diagram b5 --view {view}" for view in ("sub-blocks", "modules", "stem", "poster")},
    **{f"b5/{view}.dot": f"diagram b5 --view {view}" for view in ("sub-blocks", "modules", "stem", "poster")},
    "b5/sub-blocks.png": "diagram b5 --view sub-blocks",
    "b5/poster-dark.png": "diagram b5 --view poster --theme dark --dpi 96",
    "b0/expanded.svg": "diagram b0 --expand",
    "b0/architecture-dark.svg": "diagram b0 --theme dark",
    "b0/block-4.svg": "diagram b0 --block 4",
    "b0/block-4.dot": "diagram b0 --block 4",
    "b0/layers.svg": "diagram b0 --view layers",
    "b7/layers.svg": "diagram b7 --view layers",
    "v2-s/sub-blocks.svg": "diagram v2-s --view sub-blocks",
    "scaled/summary.txt": "summary w1.2-d1.4@300",
    "family/compare.txt": "compare all",
    "family/compare.json": "compare all",
    "family/compare.md": "compare all",
    "family/compare.html": "compare all --by all",
    "family/channels.txt": "compare b1..b7 --by channels",
    "family/channels.tex": "compare b1..b7 --by channels",
    "family/channels.csv": "compare b1..b7 --by channels",
    "family/b1-b2.txt": "compare b1 b2",
    "family/b3-at-512.txt": "compare b3 b3@512 --by all --only-differences",
    "family/v1-and-v2.txt": "compare b0 v2-b0 v2-b1",
    "family/growth.svg": "compare all",
    "family/growth.png": "compare all",
    "family/v1-and-v2.svg": "compare b0 v2-b0 v2-s",
    "family/variants.txt": "variants",
    "family/variants.json": "variants",
    "family/variants-that-fit.txt": "variants --max-params 10M --max-macs 2G --min-top1 80",
    **{f"verify/verdicts.{ending}": "verify" for ending in ("txt", "md", "html", "json")},
    **{
        f"verify/{claim}.txt": f"verify --claim {claim}"
        for claim in (
            "b2-like-b1",
            "channels",
            "compound-scaling",
            "flops",
            "kernel-sizes",
            "module-2",
            "parameters",
            "stages",
        )
    },
    "verify/modules.svg": "verify --claim modules",
    "verify/modules.png": "verify --claim modules",
}
"""File in `sample_output/` -> the command whose `--out` it is."""


def write(folder: Path, only_text: bool = False) -> None:
    """Run all commands, each into its file under `folder`."""
    for name, command in COMMANDS.items():
        path = folder / name
        if only_text and path.suffix not in TEXT_ENDINGS:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        arguments = [*command.split(), "--out", str(path)]
        CliRunner().invoke(effnet_inspect, arguments, catch_exceptions=False, standalone_mode=False)


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    write(FOLDER)
    sys.stdout.write(f"Wrote {len(COMMANDS)} files to {FOLDER.name}/\n")
