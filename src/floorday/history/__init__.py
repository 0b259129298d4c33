"""What spans all slices: a history brought in from elsewhere, and given out again in the same form."""
