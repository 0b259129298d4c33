"""The verbs: load, ask who may, ask the rule, save, post letters; each in one transaction."""

from floorday.issues.actions.floor import (
    again,
    close_unconfirmed,
    decide_by_token,
    verdict,
    verdict_by_code,
    verdict_by_token,
    wake_due,
    word_by_code,
)
from floorday.issues.actions.following import (
    ask,
    assign,
    decide,
    decline,
    join,
    match,
    measure,
    promise,
    resolve,
    restrict,
    retitle,
    snooze,
    sponsor,
    undo,
    update,
    wake,
)
from floorday.issues.actions.leaving import hand_owned, hand_sponsored
from floorday.issues.actions.notes import Noted, NoteForm, Said, correct_note, follow_up, note, withdraw_note

__all__ = [
    "NoteForm", "Noted", "Said", "again", "ask", "assign", "close_unconfirmed", "correct_note", "decide",
    "decide_by_token", "decline", "follow_up", "hand_owned", "hand_sponsored", "join", "match", "measure",
    "note", "promise", "resolve", "restrict", "retitle", "snooze", "sponsor", "undo", "update", "verdict",
    "verdict_by_code", "verdict_by_token", "wake", "wake_due", "withdraw_note", "word_by_code",
]
