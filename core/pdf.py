"""Plain documents as PDF, in Chinese and English: headings, paragraphs, tables."""

import importlib.util
import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

_DEBIAN = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
FONT = "Gongduan"

Block = tuple[str, Any]
"""("h1" or "h2", text) · ("p", text) · ("table", rows of text, the first being its head)."""


def document(title: str, blocks: Sequence[Block]) -> bytes:
    """A4 pages with page numbers; the whole document is held in memory."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    _register()
    out = io.BytesIO()
    margin = 18 * mm
    page = SimpleDocTemplate(
        out, pagesize=A4, title=title, leftMargin=margin, rightMargin=margin, topMargin=margin, bottomMargin=margin
    )
    foot = _foot(title)
    page.build([part for block in blocks for part in _flow(block, page.width)], onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _flow(block: Block, width: float) -> list[Any]:
    from reportlab.lib.colors import Color
    from reportlab.platypus import Paragraph, Spacer, Table

    kind, content = block
    if kind != "table":
        return [Paragraph(_text(content), _style(kind))]
    rows = [[Paragraph(_text(cell), _style("cell")) for cell in row] for row in content]
    line = Color(0.8, 0.8, 0.8)
    style = [("LINEBELOW", (0, 0), (-1, -1), 0.4, line), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return [Table(rows, colWidths=[width / len(rows[0])] * len(rows[0]), style=style, repeatRows=1), Spacer(1, 6)]


def _text(text: object) -> str:
    return escape(str(text)).replace("\n", "<br/>")


@lru_cache
def _style(kind: str) -> Any:
    from reportlab.lib.styles import ParagraphStyle

    size, before = {"h1": (17, 0), "h2": (12.5, 10), "p": (9.5, 2), "cell": (8, 0)}[kind]
    return ParagraphStyle(kind, fontName=FONT, fontSize=size, leading=size * 1.5, spaceBefore=before, wordWrap="CJK")


def _foot(title: str) -> Any:
    def draw(canvas: Any, page: Any) -> None:
        canvas.setFont(FONT, 7.5)
        canvas.drawString(page.leftMargin, 24, title)
        canvas.drawRightString(page.leftMargin + page.width, 24, str(canvas.getPageNumber()))

    return draw


@lru_cache
def _register() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont(FONT, str(_font_file())))


def _font_file() -> Path:
    """The wheel's font, else Debian's."""
    found = importlib.util.find_spec("paperang_p2_fonts_cjk")
    places = found.submodule_search_locations or [] if found else []
    fonts = [*(Path(place) / "fonts" / "wqy-microhei.ttc" for place in places), _DEBIAN]
    return next(path for path in fonts if path.exists())
