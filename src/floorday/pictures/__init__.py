"""A team's picture of good service: what it agreed on, when, and what points at each statement."""
