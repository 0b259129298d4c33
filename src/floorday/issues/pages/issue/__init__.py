"""An issue's page, and what one can do there."""

from floorday.issues.pages.issue import acts, page

handlers = [page.issue_page, *acts.handlers]
