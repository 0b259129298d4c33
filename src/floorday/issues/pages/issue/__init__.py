"""An issue's page, and what one can do there."""

from floorday.issues.pages.issue import acts, page, parting, pointing, sponsoring

handlers = [page.issue_page, *acts.handlers, *parting.handlers, *pointing.handlers, *sponsoring.handlers]
