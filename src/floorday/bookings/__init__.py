"""Shifts, invitations, bookings: who comes to which team, and when."""
