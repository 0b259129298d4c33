"""Good news: what somebody of a team did well, and the thanks for it."""
