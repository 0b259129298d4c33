"""The verbs: load, ask who may, ask the rule, save, post letters; each in one transaction."""

from floorday.issues.actions.clocks import mornings
from floorday.issues.actions.costing import measure
from floorday.issues.actions.floor import (
    again,
    close_unconfirmed,
    decide_by_token,
    verdict,
    verdict_by_code,
    verdict_by_token,
    wake_due,
    word_by_code,
    word_by_token,
)
from floorday.issues.actions.following import (
    ask,
    assign,
    decide,
    decline,
    join,
    match,
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
from floorday.issues.actions.notes import (
    NOTES_AT,
    More,
    Noted,
    NoteForm,
    Said,
    WouldMask,
    address_of,
    correct_note,
    follow_up,
    note,
    note_by_mail,
    team_at,
    withdraw_note,
)
from floorday.issues.actions.pointing import file_under, point
from floorday.issues.actions.searches import (
    Named,
    SearchForm,
    delete_search,
    fold_due,
    forget_searches,
    save_search,
)

__all__ = [
    "NOTES_AT", "More", "Named", "NoteForm", "Noted", "Said", "SearchForm", "WouldMask", "address_of",
    "again", "ask", "assign", "close_unconfirmed", "correct_note", "decide", "decide_by_token", "decline",
    "delete_search", "file_under", "fold_due", "follow_up", "forget_searches", "hand_owned", "hand_sponsored", "join",
    "match", "measure", "mornings", "note", "note_by_mail", "point", "promise", "resolve", "restrict", "retitle", "save_search",
    "snooze", "sponsor", "team_at", "undo", "update", "verdict", "verdict_by_code", "verdict_by_token",
    "wake", "wake_due", "withdraw_note", "word_by_code",
    "word_by_token",
]
