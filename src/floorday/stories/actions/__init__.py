"""The verbs: tell a story, say it better, thank its hero; each in one transaction."""

from floorday.stories.actions.stories import (
    Moment,
    StoryForm,
    Telling,
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
    "Moment", "StoryForm", "Telling", "change", "consent", "consent_by_token", "match", "remind", "tell", "thank",
    "withdraw",
]
