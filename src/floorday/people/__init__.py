"""Persons, roles, teams, departments, assistants, and how they sign in."""
