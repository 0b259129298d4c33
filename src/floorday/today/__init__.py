"""Each person's first page, and the brief before a day."""
