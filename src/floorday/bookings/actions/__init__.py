"""The verbs: load, ask who may, ask the rule, save, post letters; each in one transaction."""

from floorday.bookings.actions.days import (
    answer,
    cancel,
    hold,
    invite,
    miss,
    move,
    postpone,
    read_back,
    refuse_proposal,
    remind,
    remind_unanswered,
    resend,
    undo,
)
from floorday.bookings.actions.shifts import ShiftForm, change_shift, offer_shift, withdraw_shift

__all__ = [
    "ShiftForm", "answer", "cancel", "change_shift", "hold", "invite", "miss", "move", "offer_shift", "postpone",
    "read_back", "refuse_proposal", "remind", "remind_unanswered", "resend", "undo", "withdraw_shift",
]
