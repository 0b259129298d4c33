"""How the pages say what an issue is, whose turn it is, and what happened to it."""

from __future__ import annotations

from datetime import date

from floorday.issues import worth
from floorday.issues.clocks import Deed, Rung
from floorday.issues.queries import FROM_THE_FLOOR, IssueRow, NoteRow
from floorday.issues.rules import Effort, Kind, Naming, Resolution, Stream, Verdict, say_kind
from floorday.issues.worth import Gain
from floorday.people.access import Door
from floorday.render import when
from floorday.render.words import gettext as _
from floorday.render.words import ngettext


def kind_options() -> list[tuple[str, str]]:
    """List the kinds for a form."""
    return [(one.value, say_kind(one)) for one in Kind]


def kind_chips() -> list[tuple[str, str, str]]:
    """List the kinds for a form, each with a line on what it means."""
    meant = {
        Kind.GLITCH: _("a system fails or is slow"),
        Kind.RED_TAPE: _("a rule or an approval"),
        Kind.HAND_OFF: _("between two teams"),
        Kind.PRODUCT: _("what we sell"),
        Kind.KNOWLEDGE: _("nobody can look it up"),
        Kind.WORKSPACE: _("desk, tools, room"),
        Kind.STAFFING: _("who is there when"),
        Kind.MEASURE_CONFLICT: _("a target punishes the right thing"),
        Kind.OTHER: _("none of these"),
    }
    return [(one.value, say_kind(one), meant[one]) for one in Kind]


def stream(of: Stream) -> str:
    """Say who said or saw it."""
    return {
        Stream.MANAGER_SAW: _("Manager saw"),
        Stream.STAFF_TOLD: _("Staff told"),
        Stream.CUSTOMER_SAID: _("Customer said"),
        Stream.GOOD_NEWS: _("Good news"),
    }[of]


def stream_options(*, good_news: bool = True) -> list[tuple[str, str]]:
    """List the streams for a form; good news is about no issue."""
    return [(one.value, stream(one)) for one in Stream if good_news or one is not Stream.GOOD_NEWS]


def naming_chips() -> list[tuple[str, str, str]]:
    """List the ways to be known, each with a sentence on what it means."""
    return [
        (Naming.NAMED.value, _("With my name"), _("Those who solve it can ask me.")),
        (Naming.HIDDEN.value, _("Name hidden"), _("Only the coordinator sees who I am.")),
        (Naming.ANONYMOUS.value, _("Anonymous"), _("Nobody can see it. I get a code to follow it.")),
    ]


def resolution(of: Resolution) -> str:
    """Say what was done."""
    return {
        Resolution.WORKAROUND: _("A workaround"),
        Resolution.HERE: _("Fixed here"),
        Resolution.EVERYBODY: _("Fixed for everybody"),
        Resolution.CANNOT: _("Cannot be fixed"),
    }[of]


def resolution_chips() -> list[tuple[str, str, str]]:
    """List what can have been done, each with a line on what follows."""
    return [
        (Resolution.EVERYBODY.value, resolution(Resolution.EVERYBODY), _("the cause is gone")),
        (Resolution.HERE.value, resolution(Resolution.HERE), _("for this team")),
        (Resolution.WORKAROUND.value, resolution(Resolution.WORKAROUND), _("it helps, the cause stays")),
        (Resolution.CANNOT.value, resolution(Resolution.CANNOT), _("closes it, and tells why")),
    ]


def verdict(of: Verdict) -> str:
    """Say what a reporter says of a resolution."""
    return {Verdict.FIXED: _("Fixed"), Verdict.PARTLY: _("Partly"), Verdict.NOT: _("Not fixed")}[of]


def door(of: Door, *, address: str = "") -> str:
    """Say through which door an act came; the page is the ordinary one and stays unsaid."""
    return {
        Door.PAGE: "",
        Door.LETTER: _("through the link sent to %(address)s", address=address) if address else _("through a letter"),
        Door.CALENDAR: _("from the calendar"),
        Door.API: _("through the API"),
        Door.MAIL: _("by mail"),
        Door.CLI: _("on the server"),
        Door.CLOCK: _("by itself"),
        Door.DESK: _("at the team's desk"),
    }[of]


def reminded(deed: str, rung: str) -> str:
    """Say what a clock has called to mind, or what has gone on to somebody above."""
    said = {
        Deed.TAKE: _("Nobody has taken it"), Deed.WORD: _("No word for too long"),
        Deed.PROMISE_SOON: _("The date comes near"), Deed.PROMISE_PASSED: _("The date has passed without a word"),
        Deed.DECIDE: _("A decision waits"),
    }.get(Deed(deed), deed)  # fmt: skip
    first = rung in {Rung.OWNER, Rung.COORDINATOR} or (deed == Deed.DECIDE and rung == Rung.SPONSOR)
    first = first or (deed == Deed.TAKE and rung == Rung.HEAD)
    return _("Reminder: %(what)s", what=said) if first else _("Escalated: %(what)s", what=said)


def rung(name: str) -> str:
    """Say as what somebody stands on a ladder."""
    return {
        Rung.COORDINATOR: _("the coordinator"), Rung.OWNER: _("the owner"), Rung.HEAD: _("the department's head"),
        Rung.SPONSOR: _("the sponsor"), Rung.SERVICE: _("the head of service"),
    }.get(Rung(name), "")  # fmt: skip


def letter(name: str) -> str:
    """Say of a letter what it is for."""
    return {
        "note_thanks": _("Thanks for the note"),
        "issue_taken": _("Who has it now"),
        "issue_promised": _("The date promised"),
        "issue_delayed": _("The date has moved"),
        "issue_updated": _("An update"),
        "issue_declined": _("Why it is not done"),
        "issue_joined": _("Where it goes on"),
        "decision_made": _("What was decided"),
        "verdict_asked": _("Is it fixed?"),
        "issue_reopened": _("It is open again"),
        "issue_confirmed": _("It is confirmed"),
        "issue_cannot": _("Why it cannot be fixed"),
        "owner_named": _("It is theirs to fix"),
        "sponsor_named": _("They answer for it"),
        "decision_asked": _("The question to decide"),
        "issue_split": _("It is followed by itself again"),
        "note_taken_out": _("A note has an issue of its own"),
        "note_question": _("A question to those who raised it"),
        "note_answered": _("An answer"),
        "vendor_asked": _("What the vendor is asked"),
        "vendor_said": _("What the vendor says"),
        "vendor_released": _("The vendor is asked no more"),
        "date_passed": _("The date has passed"),
        "verdict_reminder": _("Is it fixed? Once more"),
        "still_fixed": _("Is it still fixed?"),
        "floor_said": _("A word from the floor"),
        "sponsor_called": _("The call that unblocks it"),
        "suggestion_settled": _("What became of a suggestion to join"),
        "returned_again": _("It keeps coming back"),
    }.get(name, name.replace("_", " "))


def happened(what: str, says: str) -> str:
    """Say a line of history after the name of who did it."""
    match what, says:
        case "resolved", "cannot":
            return _("said that it cannot be fixed")
        case "resolved", "workaround":
            return _("said that there is a workaround")
        case "resolved", "here":
            return _("said that it is fixed here")
        case "escalated", whom:
            return _escalated(whom)
        case "decided", "yes":
            return _("decided: yes")
        case "decided", "no":
            return _("decided: no")
        case "verdict", "fixed":
            return _("says: fixed")
        case "verdict", "partly":
            return _("says: partly fixed")
        case "verdict", "not":
            return _("says: not fixed")
        case _:
            return _vendor_said(says) if what == "vendor said" else _kept_in_sight(what, says)


def _escalated(whom: str) -> str:
    """Say who was told that an issue waits."""
    return {
        "head": _("told the head of the department that it waits"), "sponsor": _("told the sponsor that it waits"),
        "service": _("told the head of service that it waits"),
    }.get(whom, whom)  # fmt: skip


def _vendor_said(says: str) -> str:
    """Say what a vendor said, after their name; beside it stand the day, or the words."""
    return {
        "acknowledged": _("has it"), "date": _("says that it is fixed by"), "word": _("writes"),
        "fixed": _("says that it is fixed"), "cannot": _("says that it cannot be fixed"), "reference": _("calls it"),
    }.get(says, says)  # fmt: skip


def _kept_in_sight(what: str, month: str) -> str:
    if what == "picked":
        return _("picked it as one of the two hard ones of %(month)s", month=month_of(month))
    if what == "let go":
        return _("picked another one as a hard one of %(month)s instead", month=month_of(month))
    return _happened().get(f"{what}: {month}") or _happened().get(what, what)


def _happened() -> dict[str, str]:
    return {
        "raised": _("raised it"), "noted": _("met it too"), "handed over": _("handed it to a department"),
        "acknowledged": _("gave it its owner"), "sponsored": _("named its sponsor"), "promised": _("promised a date"),
        "updated": _("gave an update"), "asked": _("asked for a decision"),
        "resolved": _("said that it is fixed for everybody"), "unconfirmed": _("closed it: nobody answered"),
        "reopened": _("opened it again"), "returned": _("said that it is back"), "declined": _("declined it"),
        "snoozed": _("put it to sleep"), "woken": _("woke it"), "joined": _("joined it into another"),
        "split": _("split it: it is followed by itself again"), "split off": _("split another issue off it"),
        "taken out": _("took a note out into an issue of its own"), "asked the floor": _("asked those who raised it"),
        "asked the floor: one": _("asked one of those who raised it"),
        "answered": _("answered"), "unasked": _("took the question back"),
        "unblocked": _("made a call to unblock it"),
        "reminded": _("reminded whoever fixes it"),
        "retitled": _("changed title or kind"), "withdrawn": _("withdrew a note"), "word": _("added a word"),
        "corrected": _("corrected a note; before it said"), "undone": _("took a step back"),
        "measured": _("said what it costs"), "matched": _("said what another program calls it"),
        "note masked": _("masked words of a note"), "note restricted": _("restricted a note"),
        "note opened": _("opened a note again"), "note unmasked": _("put masked words of a note back"),
        "vendor asked": _("handed it to a vendor"), "vendor back": _("took it back from the vendor"),
        "vendor aside": _("put a vendor's word aside"), "referred": _("said what another tracker calls it"),
        "unreferred": _("took a reference away"),
        "restricted": _("restricted it"), "unrestricted": _("opened it to everybody"),
        "pointed": _("said which good service it is about"), "filed": _("said with which measure it is a conflict"),
    }  # fmt: skip


def tone(what: str, says: str) -> str:
    """Give the colour of a line of history."""
    if what in {"reopened", "returned"} or (what == "verdict" and says != "fixed"):
        return "hot"
    return "done" if what in {"resolved", "verdict"} else ""


def month_of(month: str) -> str:
    """Say a month that is written as "2026-11"."""
    return when.month(date.fromisoformat(f"{month}-01"))


def effort_options() -> list[tuple[str, str]]:
    """List how hard something is to fix, what nobody has said as the last."""
    said = [Effort.SMALL, Effort.MEDIUM, Effort.LARGE, Effort.UNKNOWN]
    return [(one.value or worth.UNSAID, worth.say_effort(one)) for one in said]


def gain_options() -> list[tuple[str, str]]:
    """List what fixing something would bring, the most first."""
    return [(one.value, worth.say_gain(one)) for one in reversed(Gain)]


def read_effort(typed: str) -> Effort | None:
    """Read an effort as a filter says it; None where it says none."""
    if typed == worth.UNSAID:
        return Effort.UNKNOWN
    return Effort(typed) if typed and typed in set(Effort) else None


def reputation_options() -> list[tuple[str, str]]:
    """List for a filter how much the company's name is touched at least, the worst first."""
    said = [(level, worth.say_reputation(level)) for level in range(worth.WORST, 0, -1)]
    return [(str(level), text if level == worth.WORST else _("%(touched)s, or worse", touched=text))
            for level, text in said]  # fmt: skip


def reputation_chips() -> list[tuple[str, str, str]]:
    """List how the company's name can be touched, each with an example."""
    return [(str(level), worth.say_reputation(level), worth.example(level)) for level in range(worth.WORST + 1)]


def thanks(says: Verdict) -> str:
    """Thank for a verdict, and say what follows."""
    if says is Verdict.FIXED:
        return _("Thank you. It counts as confirmed.")
    return _("Thank you. It is open again, and those who fix it read why.")


def who(note: NoteRow) -> str:
    """Say who a note is from, as far as its reader may know."""
    if note.mine:
        return _("you")
    if note.shut:
        return _("restricted")
    if note.naming is Naming.ANONYMOUS:
        return _("anonymous")
    return note.name or _("name hidden")


def said_on(note: NoteRow, reader: str) -> str:
    """Say when something was said, at the team's place; of a nameless note the day alone is told."""
    if note.naming is Naming.ANONYMOUS or note.shut or not (note.name or note.mine):
        return when.day(note.at, note.team_zone)
    return when.moment(note.at, note.team_zone, reader)


def backs(row: IssueRow) -> str:
    """Say after how many days an issue came back each time, and in which team."""
    return "; ".join(back(one.days, one.team_name) for one in row.backs)


def back(days: int | None, team: str) -> str:
    """Say one return."""
    if days is None:
        after = ""
    else:
        after = ngettext("after %(n)s day", "after %(n)s days", days) if days else _("on the same day")
    return _("%(after)s in %(team)s", after=after, team=team).strip() if team else after


def came_back(n: int) -> str:
    """Say how often an issue came back."""
    return ngettext("came back once", "came back %(n)s times", n)


def unnamed(what: str) -> str:
    """Say who did something where no name is shown: somebody of the floor, or the program."""
    return _("Somebody from the floor") if what in FROM_THE_FLOOR else _("floorday")
