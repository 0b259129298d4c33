"""Everything that is kept of a person, given to that person as one file."""
