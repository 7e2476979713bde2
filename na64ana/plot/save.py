"""A plot as a file: the format is that of its name, and what is drawn stands in it in words."""

from __future__ import annotations

import io
import warnings
from html import escape
from pathlib import Path, PurePath
from typing import Any

from na64ana.errors import InputError, printable
from na64ana.plot.style import Plot, styled
from na64ana.plot.svg import to_svg
from na64ana.textfile import write_whole

__all__ = ["FORMATS", "check_format", "save"]

FORMATS = (".png", ".pdf", ".svg", ".html")
_DPI = 150
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src \
'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body style="margin: 1em; background: white">
{svg}
<p style="font: 14px sans-serif">{words}</p>
</body>
</html>
"""


def check_format(path: str | Path) -> str:
    """Return the ending of a name if it is one of a format that is written.

    Raises
    ------
    InputError
        It is not.
    """
    ending = PurePath(path).suffix.lower()
    if ending not in FORMATS:
        said = f"'{printable(ending, 20)}' is no format" if ending else "its name has no ending"
        msg = f"{printable(str(path))}: {said} of a picture; one of {', '.join(FORMATS)}"
        raise InputError(msg)
    return ending


def save(plot: Plot, path: str | Path) -> None:
    """Write a plot whole or not at all; the same plot gives the same file.

    Parameters
    ----------
    plot : Plot
    path : str or Path
        Its ending says the format: .png, .pdf, .svg, or .html, where values show under the
        pointer.

    Raises
    ------
    InputError
        The format is not known, or the file cannot be written there.
    """
    ending = check_format(path)
    if ending in (".svg", ".html"):
        svg = to_svg(plot)
        words = escape(printable(plot.words, 4000))
        page = _PAGE.format(title=escape(printable(plot.title)), svg=svg, words=words)
        write_whole(path, page if ending == ".html" else svg)
        return
    said = printable(plot.words, 4000)
    metadata: dict[str, Any] = {"Title": plot.title, "Description": said}
    if ending == ".pdf":
        metadata = {"Title": plot.title, "Subject": said, "CreationDate": None}
    content = io.BytesIO()
    with styled(), warnings.catch_warnings():
        # a sign that the font lacks is drawn as a box; the words in the file have it
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        plot.figure.savefig(content, format=ending[1:], dpi=_DPI, metadata=metadata)
    write_whole(path, content.getvalue())
