"""The reasons we say no, as a tree.

The class carries the HTTP status, and one handler in
`web` turns any of them into a page or a problem document, so no rule knows of HTTP.

    FloordayError
    ├── Refused            409  a rule says no; the sentence says what to do instead
    │   └── Raced          409  somebody was faster: reload and look again
    ├── BadInput           422  one sentence per field; what was typed is kept
    ├── NotFound           404  not there, or not for this reader
    ├── Forbidden          403  visible, but not theirs to change
    ├── SignInNeeded       401  nobody is signed in
    ├── TooMany            429  slow down
    ├── Busy               503  the database could not take the work in time
    ├── Misconfigured      500  a setting is wrong: its key, what is wrong, an example
    └── DeliveryFailed     502  a mail server said no; `permanent` says whether to retry

Sentences are for the person who reads them. Named parts keep them translatable:

    raise Refused(_("This booking is already %(state)s."), state=booking.state)
"""

from __future__ import annotations

from typing import Any


class FloordayError(Exception):
    """Something we can say in one sentence."""

    status = 500

    def __init__(self, sentence: str, **parts: Any) -> None:
        self.sentence = sentence % parts if parts else sentence
        super().__init__(self.sentence)


class Refused(FloordayError):
    """A rule says no."""

    status = 409


class Raced(Refused):
    """Somebody changed the same thing first; nothing was written."""


class BadInput(FloordayError):
    """What was typed or sent cannot be taken; `fields` holds a sentence for each field."""

    status = 422

    def __init__(
        self, sentence: str, *, fields: dict[str, str] | None = None, values: dict[str, Any] | None = None, **parts: Any
    ) -> None:
        super().__init__(sentence, **parts)
        self.fields = fields or {}
        self.values = values or {}


class NotFound(FloordayError):
    """Not there, or hidden from this reader: the two look the same."""

    status = 404


class Forbidden(FloordayError):
    """The reader sees it and may not change it."""

    status = 403


class SignInNeeded(FloordayError):
    """Nobody is signed in."""

    status = 401


class TooMany(FloordayError):
    """Too many tries; `after` is the number of seconds to wait."""

    status = 429

    def __init__(self, sentence: str, *, after: int = 60, **parts: Any) -> None:
        super().__init__(sentence, **parts)
        self.after = after


class Busy(FloordayError):
    """The database could not take the work in time; nothing was written, trying again is safe."""

    status = 503


class Misconfigured(FloordayError):
    """A setting is wrong: its key, what is wrong with it, and an example of a right one."""

    def __init__(self, key: str, wrong: str, *, example: str) -> None:
        super().__init__("%(key)s: %(wrong)s For example: %(example)s", key=key, wrong=wrong, example=example)
        self.key = key


class DeliveryFailed(FloordayError):
    """A mail server did not take a letter; `permanent` says that trying again is useless."""

    status = 502

    def __init__(self, server_words: str, *, permanent: bool) -> None:
        super().__init__(server_words)
        self.permanent = permanent
