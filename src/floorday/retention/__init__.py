"""What is kept for how long, and what is due to be wiped."""
