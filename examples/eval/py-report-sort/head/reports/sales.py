"""Sales figures for the monthly report."""

import sqlite3
from datetime import date

PAGE = 50


def sales_between(db: sqlite3.Connection, first: date, last: date, order: str, page: int = 0) -> list[tuple]:
    """One page of sales, in the order the reader chose."""
    return db.execute(
        f"SELECT day, region, amount FROM sales WHERE day BETWEEN ? AND ? ORDER BY {order} LIMIT ? OFFSET ?",
        (first.isoformat(), last.isoformat(), PAGE, page * PAGE),
    ).fetchall()


def regions(db: sqlite3.Connection) -> list[str]:
    return [name for (name,) in db.execute("SELECT DISTINCT region FROM sales ORDER BY region")]
