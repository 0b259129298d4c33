"""The verbs about those who leave: hand over and let go, welcome back, erase."""

from floorday.leavers.actions.contacts import forget_contact, forget_due
from floorday.leavers.actions.erasing import Erasure, erase, erase_due, erasure
from floorday.leavers.actions.leaving import Left, come_back, leave, proposal

__all__ = [
    "Erasure", "Left", "come_back", "erase", "erase_due", "erasure", "forget_contact", "forget_due", "leave",
    "proposal",
]
