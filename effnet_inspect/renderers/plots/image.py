"""A plot in the formats of pictures: SVG, PNG and PDF, the same file every time.

Matplotlib writes them, without a window and without the user's own settings of it. Text stays text: an SVG asks for the
fonts of diagrams, and a PDF carries DejaVu Sans, after whose widths all is placed.
"""

from __future__ import annotations

import io
import re
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

from effnet_inspect.errors import RenderError
from effnet_inspect.plotting import Plot
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.palette import dark_counterparts, theme_named
from effnet_inspect.renderers.picture import BLEED, check_size, without_bleed
from effnet_inspect.renderers.plots.colours import SERIES
from effnet_inspect.renderers.plots.figure import POINTS_PER_INCH, build

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

FONT = "DejaVu Sans"
FONTS_OF_SVG = "Helvetica, sans-serif"
FONT_IN_STYLE = re.compile(rf"""(style="[^"]*)'{FONT}'""")
SALT = "effnet-inspect"
SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": SALT,
    "pdf.fonttype": 42,
    "font.family": [FONT],
    "path.simplify": False,
    "text.parse_math": False,
    "axes.unicode_minus": False,
}
NOTHING_OF_WHEN: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def _render(plot: Plot, options: Options, file_format: str) -> bytes:
    matplotlib = _matplotlib()
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        drawn = build(plot, theme_named(options.theme))
        dpi = options.dpi if file_format == "png" else POINTS_PER_INCH
        if file_format == "png":
            width, height = (side * POINTS_PER_INCH for side in drawn.get_size_inches())
            check_size(plot.title, width, height, dpi)
        stream = io.BytesIO()
        # Letters that the font lacks: an SVG leaves them to its reader's fonts.
        warnings.filterwarnings("ignore", "Glyph .* missing")
        box = _with_bleed(drawn) if file_format == "pdf" else None
        drawn.savefig(stream, format=file_format, dpi=dpi, metadata=NOTHING_OF_WHEN[file_format], bbox_inches=box)
    content = stream.getvalue()
    if file_format == "pdf":
        return without_bleed(content)
    return _for_browsers(content.decode(), options).encode() if file_format == "svg" else content


def _with_bleed(drawn: Figure) -> Bbox:
    from matplotlib.transforms import Bbox

    bleed, (width, height) = BLEED / POINTS_PER_INCH, drawn.get_size_inches()
    return Bbox.from_extents(-bleed, -bleed, width + bleed, height + bleed)


render_svg = partial(_render, file_format="svg")
render_png = partial(_render, file_format="png")
render_pdf = partial(_render, file_format="pdf")


def _matplotlib() -> Any:
    import logging

    # It says on standard error when it looks for fonts, and that a home cannot be written to.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    try:
        import matplotlib
    except ImportError as error:
        raise RenderError(
            "Matplotlib is needed to draw plots, and is not here; run 'pip install matplotlib', or write CSV, JSON or "
            "text, which need none"
        ) from error
    return matplotlib


def _for_browsers(svg: str, options: Options) -> str:
    """The SVG with the diagrams' fonts, as wide as its place, and with the theme `auto` dark for who prefers that."""
    svg = FONT_IN_STYLE.sub(rf"\1{FONTS_OF_SVG}", svg)
    svg = svg.replace("<svg ", '<svg style="width:100%;height:auto" ', 1)
    if options.theme != "auto":
        return svg
    pairs = {**dark_counterparts(), **dict(zip(SERIES["light"], SERIES["dark"], strict=True))}
    present = [(light, dark) for light, dark in pairs.items() if f": {light}" in svg]
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in present
        for what in ("fill", "stroke")
    )
    head, defs, rest = svg.partition("<defs>")
    return f"{head}<style>@media (prefers-color-scheme:dark){{{rules}}}</style>\n {defs}{rest}"
