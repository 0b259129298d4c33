"""The verbs: tell a story, say it better, thank its hero; each in one transaction."""

from floorday.stories.actions.drafts import (
    is_for_thanks,
    keep_praise,
    may_write,
    meant,
    put_aside,
    take_up,
    tell_draft,
    thanks_address,
    thanks_team,
)
from floorday.stories.actions.stories import (
    Moment,
    StoryForm,
    Telling,
    about,
    change,
    consent,
    consent_by_token,
    match,
    remind,
    tell,
    thank,
    withdraw,
)

__all__ = [
    "Moment", "StoryForm", "Telling", "about", "change", "consent", "consent_by_token", "is_for_thanks", "keep_praise",
    "match", "may_write", "meant", "put_aside", "remind", "take_up", "tell", "tell_draft", "thank", "thanks_address",
    "thanks_team", "withdraw",
]
