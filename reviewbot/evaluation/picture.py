"""Precision against recall as a picture: one point a row, with its intervals, over lines of equal F1."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewbot.evaluation.scoring import Figure
    from reviewbot.evaluation.summary import Row

_SIDE, _LEFT, _TOP = 400, 60, 20
_WIDTH, _HEIGHT = 800, _SIDE + 80
_LOOKS = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" font-family="sans-serif" font-size="12"'
#: Told apart without colour vision too: Okabe and Ito's set.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


def svg(rows: Sequence[Row]) -> str:
    """One picture of its own, without script or fetched parts. Rows without both figures are named, not drawn."""
    marks = [mark for number, row in enumerate(rows) for mark in _point(number, row)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" {_LOOKS}>',
            "<title>Precision and recall with 95 % intervals</title>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
            *_frame(),
            *(_equal(f1 / 10) for f1 in (2, 4, 6, 8)),
            *marks,
            "</svg>",
            "",
        ]
    )


def _x(recall: float) -> str:
    return f"{_LEFT + recall * _SIDE:.1f}"


def _y(precision: float) -> str:
    return f"{_TOP + (1 - precision) * _SIDE:.1f}"


def _frame() -> Iterator[str]:
    yield f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#444"/>'
    for tenth in range(0, 11, 2):
        at = tenth / 10
        yield f'<text x="{_x(at)}" y="{_TOP + _SIDE + 18}" text-anchor="middle">{at:.1f}</text>'
        yield f'<text x="{_LEFT - 8}" y="{_y(at)}" text-anchor="end" dominant-baseline="middle">{at:.1f}</text>'
    yield f'<text x="{_x(0.5)}" y="{_TOP + _SIDE + 40}" text-anchor="middle">recall</text>'
    yield (
        f'<text x="18" y="{_y(0.5)}" text-anchor="middle" transform="rotate(-90 18 {_y(0.5)})">precision</text>'
    )


def _equal(f1: float) -> str:
    """Where precision and recall come to the same F1."""
    lowest = f1 / (2 - f1)
    recalls = [lowest + (1 - lowest) * step / 40 for step in range(41)]
    points = " ".join(f"{_x(r)},{_y(f1 * r / (2 * r - f1))}" for r in recalls)
    return (
        f'<polyline points="{points}" fill="none" stroke="#bbb" stroke-dasharray="3 3"/>'
        f'<text x="{_x(1)}" y="{_y(lowest)}" dx="4" fill="#888" font-size="10">F1 {f1:.1f}</text>'
    )


def _point(number: int, row: Row) -> Iterator[str]:
    colour, top = _COLOURS[number % len(_COLOURS)], _TOP + 12 + number * 20
    yield (
        f'<circle cx="{_LEFT + _SIDE + 60}" cy="{top - 4}" r="8" fill="{colour}"/>'
        f'<text x="{_LEFT + _SIDE + 60}" y="{top}" fill="#fff" text-anchor="middle" font-size="10">{number + 1}</text>'
        f'<text x="{_LEFT + _SIDE + 76}" y="{top}">{escape(row.name)}</text>'
    )
    precision, recall = row.precision.value, row.recall.value
    if precision is None or recall is None:
        return
    x, y = _x(recall), _y(precision)
    (left, right), (low, high) = _ends(row.recall), _ends(row.precision)
    yield (
        f'<path d="M{_x(left)} {y}H{_x(right)}M{x} {_y(low)}V{_y(high)}" stroke="{colour}" stroke-opacity=".35"/>'
        f'<circle cx="{x}" cy="{y}" r="8" fill="{colour}"/>'
        f'<text x="{x}" y="{y}" dy="4" fill="#fff" text-anchor="middle" font-size="10">{number + 1}</text>'
    )


def _ends(figure: Figure) -> tuple[float, float]:
    return figure.low or 0.0, 1.0 if figure.high is None else figure.high
