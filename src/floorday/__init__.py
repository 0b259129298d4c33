"""floorday runs a company's day-on-the-floor programme."""
