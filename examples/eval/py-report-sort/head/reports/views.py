"""Pages of the report."""

from datetime import date

from flask import Blueprint, g, render_template, request

from reports.sales import sales_between

pages = Blueprint("reports", __name__)


@pages.get("/reports/sales")
def sales():
    first = date.fromisoformat(request.args["from"])
    last = date.fromisoformat(request.args["to"])
    order = request.args.get("sort", "day DESC")
    rows = sales_between(g.db, first, last, order, int(request.args.get("page", 0)))
    return render_template("sales.html", rows=rows)
