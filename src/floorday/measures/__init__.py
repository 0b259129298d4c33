"""Measure conflicts: targets that punish the right action, who sets them, and when they were last looked at."""
