"""What a basket costs."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
FREE_SHIPPING_FROM = Decimal(60)
SHIPPING = Decimal("4.90")


@dataclass(frozen=True)
class Item:
    price: Decimal
    quantity: int
    reduced_tax: bool = False


def total(items: list[Item]) -> Decimal:
    """Goods, tax and shipping, in whole cents."""
    goods = sum((item.price * item.quantity for item in items), Decimal(0))
    return rounded(goods + tax(items) + shipping(goods))


def tax(items: list[Item]) -> Decimal:
    return sum((item.price * item.quantity * rate(item) for item in items), Decimal(0))


def rate(item: Item) -> Decimal:
    return Decimal("0.07") if item.reduced_tax else Decimal("0.19")


def shipping(goods: Decimal) -> Decimal:
    return Decimal(0) if goods >= FREE_SHIPPING_FROM else SHIPPING


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
