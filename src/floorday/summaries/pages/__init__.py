"""Months as pages, the rows behind their figures, and what is sent of them."""

from litestar import Router

from floorday.summaries.pages import month, rows

router = Router(
    path="/summary",
    route_handlers=[month.newest, month.month_page, month.cut_page, rows.rows_page, rows.cut_rows_page],
)
