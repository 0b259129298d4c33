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
    remind,
    remind_unanswered,
    resend,
    send_again,
    undo,
)
from floorday.bookings.actions.leaving import call_off, hand_shift, take_back_shift
from floorday.bookings.actions.proposals import (
    accept_proposal,
    propose,
    refuse_proposal,
    set_proposal_aside,
    take_proposal_up,
)
from floorday.bookings.actions.shifts import ShiftForm, change_shift, offer_shift, withdraw_shift

__all__ = [
    "ShiftForm", "accept_proposal", "answer", "call_off", "cancel", "change_shift", "hand_shift", "hold", "invite",
    "match", "miss", "move", "offer_shift", "postpone", "propose", "read_back", "refuse_proposal", "remind",
    "remind_unanswered", "resend", "send_again", "set_proposal_aside", "take_back_shift", "take_proposal_up",
    "undo", "withdraw_shift",
]
