"""The verbs: load, ask who may, ask the rule, save, post letters; each in one transaction."""

from floorday.bookings.actions.days import (
    answer,
    cancel,
    hold,
    invite,
    match,
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
from floorday.bookings.actions.leaving import call_off, hand_shift, take_back_shift
from floorday.bookings.actions.shifts import ShiftForm, change_shift, offer_shift, withdraw_shift

__all__ = [
    "ShiftForm", "answer", "call_off", "cancel", "change_shift", "hand_shift", "hold", "invite", "match",
    "miss", "move", "offer_shift", "postpone", "read_back", "refuse_proposal", "remind", "remind_unanswered",
    "resend", "take_back_shift", "undo", "withdraw_shift",
]
