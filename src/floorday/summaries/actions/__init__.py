"""The verbs: freeze and send a month, hold it, say something to it, correct it afterwards."""

from floorday.summaries.actions.folding import fold
from floorday.summaries.actions.freezing import Draft, draft, preliminary
from floorday.summaries.actions.sending import facts_of, run, send
from floorday.summaries.actions.steering import (
    comment,
    correct,
    go_on,
    hold,
    letter_before,
    may_send,
    release,
    resend,
    send_now,
    stage_of,
    stop,
    stop_mine,
    subscribed,
    what_changed,
)
from floorday.summaries.actions.telling import page_of, paper_of, seen_by

__all__ = [
    "Draft", "comment", "correct", "draft", "facts_of", "fold", "go_on", "hold", "letter_before", "may_send", "page_of",
    "paper_of",
    "preliminary", "release", "resend", "run", "seen_by", "send", "send_now", "stage_of", "stop", "stop_mine",
    "subscribed", "what_changed",
]
