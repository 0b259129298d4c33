"""What every door of the JSON API shares: reading strictly, answering, paging, acting once, describing it all.

A handler reads, acts and shows; what it takes and gives is said once, in `tells`, for the guard and for the OpenAPI
document alike.
"""

from floorday.web.api.once import Answered, Idempotent, Requests, keep_nothing
from floorday.web.api.openapi import docs_router
from floorday.web.api.paging import Cursor, Page, Paged, at_moment, paged, paged_pieces
from floorday.web.api.reading import External, ExternalQuery, Nothing, read_json, read_query, read_raw
from floorday.web.api.telling import AREAS, SCOPES, Piece, answer, api_router, piece, tells

__all__ = [
    "AREAS", "SCOPES", "Answered", "Cursor", "External", "ExternalQuery", "Idempotent", "Nothing", "Page", "Paged",
    "Piece", "Requests", "answer", "api_router", "at_moment", "docs_router", "keep_nothing", "paged", "paged_pieces",
    "piece", "read_json", "read_query", "read_raw", "tells",
]  # fmt: skip
