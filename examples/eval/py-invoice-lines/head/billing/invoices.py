"""Invoices and what is on them."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class Line:
    text: str
    amount: Decimal


@dataclass
class Invoice:
    number: str
    lines: list[Line] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


def merged(number: str, orders: list[dict], lines: list[Line] = []) -> Invoice:
    """One invoice for several orders; `lines` are put first."""
    for order in orders:
        lines.append(Line(order["title"], Decimal(order["price"])))
        if order.get("discount"):
            lines.append(Line("Discount", -Decimal(order["discount"])))
    return Invoice(number, lines)
