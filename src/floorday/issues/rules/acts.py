"""What somebody does with an issue: each act asks what it needs, and is looked up among the steps."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from floorday.errors import Refused
from floorday.issues.rules.past import Stood
from floorday.issues.rules.steps import Decision, Issue, changed, step, unchanged
from floorday.issues.rules.words import OPEN, SILENCE, Ending, Letter, Resolution, Stage, Stream, Turn, Verb, Verdict
from floorday.render.words import gettext as _


def raise_note(stream: Stream, text: str, issue: Issue | None = None) -> Decision | None:
    """Take a note: it opens an issue, or adds itself to one that is not closed. Good news opens none (None)."""
    if not text.strip():
        raise Refused(_("Write what was said or seen, in one line."))
    if stream is Stream.GOOD_NEWS:
        if issue is not None:
            raise Refused(_("Good news is not about an issue. Write it down by itself."))
        return None
    if issue is None:
        return step(Verb.RAISE, Issue(), before_any=True)
    return step(Verb.NOTE, issue)


def assign(issue: Issue, *, department: UUID | None, owner: UUID | None) -> Decision:
    """Hand an issue to a department, or name who fixes it there. The same again changes nothing."""
    if department is None:
        raise Refused(_("Choose the department that fixes it."))
    if (department, owner) == (issue.department, issue.owner):
        step(Verb.HAND, issue)
        return unchanged(issue)
    if owner is None:
        if issue.owner is not None:
            raise Refused(_("This issue has an owner. Name another one, so that it never belongs to nobody."))
        return step(Verb.HAND, issue)
    if owner == issue.sponsor:
        raise Refused(_("This person sponsors the issue. The owner fixes it, the sponsor answers for it: two people."))
    return step(Verb.ASSIGN, issue)


def sponsor(issue: Issue, person: UUID) -> Decision:
    """Name the manager who answers for an issue; who sponsors a decision that waits is asked at once."""
    decision = step(Verb.SPONSOR, issue)
    if person == issue.sponsor:
        return unchanged(issue)
    if person == issue.owner:
        raise Refused(_("The owner fixes it, the sponsor answers for it: these are two people."))
    if issue.turn is Turn.NEEDS_DECISION:
        return changed(decision, letters=(Letter.DECISION_ASKED,))
    return decision


def promise(issue: Issue, for_date: date, *, because: str, today: date) -> Decision:
    """Give a date. Another one before the first is over moves the promise, with a reason; after that it was broken."""
    if issue.turn is Turn.NEEDS_OWNER:
        raise Refused(_("Somebody has to own this issue before a date can be promised."))
    decision = step(Verb.PROMISE, issue)
    if for_date < today:
        raise Refused(_("That date is past. Promise one that is still to come."))
    if for_date == issue.promised_for:
        return unchanged(issue)
    if issue.promised_for is not None and issue.promised_for >= today and not because.strip():
        raise Refused(_("A date was promised already. Say why it moves; those who raised it read the reason."))
    later = issue.promised_for is not None and for_date > issue.promised_for
    return changed(decision, for_date=for_date, letters=(Letter.DELAYED,) if later else (Letter.PROMISED,))


def update(issue: Issue, text: str) -> Decision:
    """Give a word to everybody who raised it; "no news yet" counts."""
    if not text.strip():
        raise Refused(_("Write a word. \"No news yet\" counts too."))
    return step(Verb.UPDATE, issue)


def ask(issue: Issue, question: str) -> Decision:
    """Ask the sponsor for a yes or a no."""
    if not question.strip():
        raise Refused(_("Write the question, so that it can be answered with yes or no."))
    decision = step(Verb.ASK, issue)
    if issue.sponsor is None:
        raise Refused(_("Nobody sponsors this issue yet. Name the manager who answers for it first."))
    return decision


def decide(issue: Issue, *, yes: bool, because: str) -> Decision:
    """Answer the question. A no needs its reason."""
    if issue.turn is not Turn.NEEDS_DECISION:
        raise Refused(_("No decision is waited for here any more."))
    if not yes and not because.strip():
        raise Refused(_("Say why not; those who raised it read the reason."))
    return changed(step(Verb.DECIDE, issue), says="yes" if yes else "no")


def resolve(issue: Issue, how: Resolution, done: str) -> Decision:
    """Say what was done. *Cannot* closes at once, with its reason; anything else waits for those who raised it."""
    if how is Resolution.CANNOT:
        if not done.strip():
            raise Refused(_("Say why it cannot be fixed; those who raised it read the reason."))
        return changed(step(Verb.CANNOT, issue), says=how.value, round=issue.round + 1, forgets_promise=True)
    if not done.strip():
        raise Refused(_("Say what was done, so that those who raised it can look."))
    return changed(step(Verb.RESOLVE, issue), says=how.value, round=issue.round + 1)


def verdict(
    issue: Issue, says: Verdict, *, because: str, reporter: UUID | None, before: Verdict | None = None,
) -> Decision:  # fmt: skip
    """Take what a reporter (None: an anonymous one) says of the standing resolution.

    One *fixed* confirms, also after the silence; *partly* and *not* reopen, also what another reporter has confirmed.
    `before` is what the same reporter said of the same resolution: saying it again changes nothing.
    """
    verb = Verb.FIXED if says is Verdict.FIXED else Verb.NOT_FIXED
    decision = step(verb, issue)
    if reporter is not None and reporter == issue.resolved_by:
        raise Refused(_("You said that it is fixed, so somebody else has to confirm it."))
    if says is not Verdict.FIXED and not because.strip():
        raise Refused(_("Say what is still wrong; whoever fixes it needs to know."))
    if says is before and says is Verdict.FIXED:
        return unchanged(issue)
    reopens = says is not Verdict.FIXED
    return changed(decision, says=says.value, word=reopens, forgets_resolution=reopens)


def unconfirm(issue: Issue, *, now: datetime) -> Decision:
    """Close what nobody has said a word about for a fortnight, as unconfirmed."""
    decision = step(Verb.UNCONFIRM, issue)
    if issue.resolved_at is None or now - issue.resolved_at < SILENCE:
        raise Refused(_("Those who raised it have 14 days to say whether it is fixed."))
    return decision


def again(issue: Issue, text: str, *, reports: bool) -> Decision:
    """Bring a closed issue back: by somebody who raised it, or (a return) by anybody else who meets it."""
    if not text.strip():
        raise Refused(_("Say what happened again."))
    decision = step(Verb.AGAIN if reports else Verb.RETURN, issue)
    if reports and issue.ending is Ending.CANNOT and issue.cannots > 1:
        raise Refused(_("This was asked again once, and answered. Talk to the coordinator about it."))
    return changed(decision, forgets_resolution=True)


def decline(issue: Issue, because: str) -> Decision:
    """Say that nothing will be done, and why."""
    decision = step(Verb.DECLINE, issue)
    if not because.strip():
        raise Refused(_("Say why; those who raised it read the reason."))
    return changed(decision, forgets_promise=True)


def snooze(issue: Issue, until: date, *, today: date) -> Decision:
    """Put an issue aside until a date."""
    decision = step(Verb.SNOOZE, issue)
    if until <= today:
        raise Refused(_("Choose a date that is still to come."))
    return changed(decision, for_date=until)


def wake(issue: Issue) -> Decision:
    """Take up again what was put aside."""
    decision = step(Verb.WAKE, issue)
    return decision if issue.snoozed_until is not None else unchanged(issue)


def join(issue: Issue, into: Issue) -> Decision:
    """Make one issue part of another. Both histories stay, and whoever raised the one has raised the other."""
    decision = step(Verb.JOIN, issue)
    if issue.id == into.id:
        raise Refused(_("An issue cannot be joined into itself."))
    if into.stage is Stage.JOINED:
        raise Refused(_("That issue is itself part of another one. Join into that one."))
    if into.turn is Turn.CLOSED:
        raise Refused(_("That issue is closed. Say there that it happened again, then join."))
    return decision


def split(issue: Issue, stood: Stood) -> Decision:
    """Take an issue out of the one that it was joined into; it stands again where it stood before."""
    if issue.stage is not Stage.JOINED:
        raise Refused(_("This issue is part of no other one, so there is nothing to split."))
    return changed(step(Verb.SPLIT, issue), turn=stood.stage.turn, ending=stood.stage.ending)


def take_out(issue: Issue | None, *, withdrawn: bool = False, alone: bool = False) -> Decision:
    """Take a note out of an issue that it does not belong to; it becomes one of its own (None).

    `alone` says that no other note would stay.
    """
    if issue is None:
        return step(Verb.TAKE_OUT, Issue(), before_any=True)
    if withdrawn:
        raise Refused(_("This note has been withdrawn, so there is nothing to take out."))
    if alone and issue.stage is Stage.JOINED:
        raise Refused(_("This is the only note of what was joined here. Split that issue instead."))
    if alone:
        raise Refused(_("This is the only note of its issue, so it has its own already."))
    return step(Verb.TAKE_OUT, issue)


def question(issue: Issue, text: str) -> Decision:
    """Ask those who raised it, or one of them, one thing; another one has to wait for the answer."""
    if not text.strip():
        raise Refused(_("Write the question, in a sentence or two."))
    decision = step(Verb.QUESTION, issue)
    if issue.waits:
        raise Refused(_("One question waits for its answer already. Take it back first, or wait."))
    return decision


def answer(issue: Issue, text: str, *, asked: bool, answered: bool) -> Decision:
    """Answer what is asked of those who raised it; once, and only who was `asked`."""
    if issue.asks is None or issue.stage not in OPEN:
        raise Refused(_("Nothing is asked here any more. Thank you all the same."))
    if not asked:
        raise Refused(_("This question was put to somebody else."))
    if answered:
        raise Refused(_("You have answered this question already. Thank you."))
    if not text.strip():
        raise Refused(_("Write your answer first. \"I do not know\" is one, too."))
    return step(Verb.ANSWER, issue)


def unask(issue: Issue) -> Decision:
    """Take a question to those who raised it back; answers that came stay in the history."""
    decision = step(Verb.UNASK, issue)
    return decision if issue.asks is not None else unchanged(issue)
