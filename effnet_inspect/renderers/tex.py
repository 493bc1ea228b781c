"""Text as TeX takes it, whatever it holds."""

from __future__ import annotations

import re
import unicodedata

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_\allowbreak{}",
    "/": r"/\allowbreak{}",
    "{": r"\{",
    "}": r"\}",
    # After the end of a row these would be read as its arguments.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    '"': "{''}",
    "`": r"\textasciigrave{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "×": r"$\times$",
    "–": "--",
    "…": r"\dots{}",
    "·": r"$\cdot$",
    "•": r"$^{*}$",
    "✓": r"$\surd$",
    "✗": r"$\times$",
    "±": r"$\pm$",
    "−": r"$-$",
    "→": r"$\rightarrow$",
    "²": r"$^2$",
    "“": "``",
    "”": "''",
    "≈": r"$\approx$",
    "≠": r"$\neq$",
    "›": r"$\triangleright$",
    "≤": r"$\leq$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "γ": r"$\gamma$",
    "′": r"$'$",
    "≥": r"$\geq$",
}
APART = {"-": "-{}", "'": "'{}", ",": ",{}"}
"""Before another one of the same, or the two would become a dash or a quotation mark."""


def _spelt(text: str) -> str:
    """The text with every character that TeX reads as something else, and every sign that its fonts may lack, spelt."""
    pattern = "|".join(("([-',])(?=\\1)", *map(re.escape, SPECIAL)))
    return re.sub(pattern, lambda found: {**SPECIAL, **APART}[found[0]], text)


ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
LETTERS = {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i"}


def escaped(text: str) -> str:
    r"""The text as TeX takes it: not even a letter stops pdfTeX, which has no others than those of Europe's west.

    XeTeX and LuaTeX, which find letters of all the world in their fonts, show them; pdfTeX shows their numbers.

    >>> escaped("block_4a/k3×3 {50%}")
    'block\\_\\allowbreak{}4a/\\allowbreak{}k3$\\times$3 \\{50\\%\\}'
    >>> escaped("naïve")
    'na\\"{\\i}ve'
    >>> escaped("模")
    '\\ifdefined\\Umathchar 模\\else U+6A21\\fi{}'
    """
    spelt = _spelt(text).replace(SPECIAL['"'], r"{\char34}")
    return re.sub(r"[^\x00-\x7f]", lambda found: _for_any_font(found[0]), spelt)


def _for_any_font(letter: str) -> str:
    if letter in LETTERS:
        return f"\\{LETTERS[letter]}{{}}"
    parts = unicodedata.normalize("NFD", letter)
    base, mark = parts[0], parts[1:]
    if base.isascii() and base.isalpha() and mark in ACCENTS:
        above = mark != "\u0327"
        return f"\\{ACCENTS[mark]}{{{chr(92) + base if above and base in 'ij' else base}}}"
    plain = unicodedata.normalize("NFKC", letter)
    if plain.isascii():
        return _spelt(plain)
    return rf"\ifdefined\Umathchar {letter}\else U+{ord(letter):04X}\fi{{}}"
