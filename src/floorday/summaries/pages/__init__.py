"""Months as pages, the rows behind their figures, and what is sent of them."""

from litestar import Router

from floorday.summaries.pages import month, rows, sending, stopping

router = Router(
    path="/",
    route_handlers=[
        Router(path="/summary", route_handlers=[
            month.newest, month.month_page, month.cut_page, rows.rows_page, rows.cut_rows_page]),
        Router(path="/summaries", route_handlers=sending.ROUTES),
        stopping.unsubscribe_page,
        stopping.unsubscribe,
    ],
)  # fmt: skip
