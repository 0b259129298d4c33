"""A company to try floorday with: its people, their mailboxes, and the calendar programs they answer from.

Everything here goes through the same doors as a real company. Served on loopback only.
"""
