"""A month in figures: the company's as a page, others by the API."""
