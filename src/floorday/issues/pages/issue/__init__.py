"""An issue's page, and what one can do there."""

from floorday.issues.pages.issue import acts, page, pointing

handlers = [page.issue_page, *acts.handlers, *pointing.handlers]
