"""The verbs: freeze and send a month, hold it, say something to it, correct it afterwards."""

from floorday.summaries.actions.freezing import Draft, draft
from floorday.summaries.actions.sending import facts, run, send
from floorday.summaries.actions.steering import (
    comment,
    correct,
    go_on,
    hold,
    may_send,
    release,
    resend,
    send_now,
    stage_of,
    stop,
    stop_mine,
    what_changed,
)

__all__ = [
    "Draft", "comment", "correct", "draft", "facts", "go_on", "hold", "may_send", "release", "resend", "run", "send",
    "send_now", "stage_of", "stop", "stop_mine", "what_changed",
]
