"""One full turn of the programme by hand: nothing but pages, buttons and what stands in the mailboxes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from floorday.render import when
from tests.browser.house import Browser

Open = Callable[..., Browser]

WHY = "You moved the invoice run to Fridays. Hear what Thursday's callers are told."
SAID = "The invoice preview shows last month's address"
LEAVES = 90_000
"""Milliseconds within which a letter is in the mailbox: ten seconds of Undo, the worker's round, and some patience."""


class Post:
    """Somebody's mail and calendar program: the demo's mailbox, in a browser that is nobody's."""

    def __init__(self, browser: Browser, name: str) -> None:
        self.browser, self.name = browser, name

    def open_letter(self, subject: str, *, nth: int = 0) -> None:
        """Wait in the mailbox until a letter is there, and open it."""
        self.browser.go(f"/mailbox?q={quote(self.name)}")
        self.browser.page.get_by_role("link", name=self.name, exact=True).click()
        letters = self.browser.page.get_by_role("link", name=re.compile(re.escape(subject)))
        letters.nth(nth).wait_for(timeout=LEAVES)
        letters.first.click()
        self.browser.page.locator(".letter iframe").wait_for()

    def says(self) -> str:
        inside = self.browser.page.frame_locator(".letter iframe")
        inside.locator("body > *").first.wait_for(state="attached")  # before that, an empty page stands in the frame
        frame = inside.locator("body").element_handle().owner_frame()
        assert frame is not None
        frame.wait_for_load_state()
        return inside.locator("body").inner_text()

    def answer(self, button: str, program: str, *, word: str = "") -> None:
        """Answer in the calendar program; the reply goes to the LMTP door and is read."""
        page = self.browser.page
        page.get_by_role("radio", name=program, exact=True).first.check(force=True)
        page.get_by_label("A word with it").first.fill(word)
        page.get_by_role("button", name=button, exact=True).click()
        page.get_by_role("heading", name="Answers posted from here").wait_for()

    def follow(self, link: str) -> Browser:
        """Press a letter's button: its page opens beside, without an account."""
        there = self.browser.page.frame_locator(".letter iframe").get_by_role("link", name=link).get_attribute("href")
        assert there is not None
        self.browser.go(there)
        return self.browser


def sees(browser: Browser, *sentences: str) -> None:
    for sentence in sentences:
        browser.page.locator("main").get_by_text(sentence).locator("visible=true").first.wait_for()
    assert browser.sideways() <= 0, browser.page.url


def says(browser: Browser, sentence: str) -> None:
    """What the page says once, on top, after something was done."""
    browser.page.get_by_role("status").get_by_text(sentence).wait_for()
    assert browser.sideways() <= 0, browser.page.url


def opens(browser: Browser, name: str) -> None:
    browser.page.get_by_role("link", name=name).first.click()


def presses(browser: Browser, name: str) -> None:
    browser.page.get_by_role("button", name=name, exact=True).first.click()


def unfolds(browser: Browser, name: str) -> None:
    browser.page.locator("details:not([open]) > summary").get_by_text(name, exact=True).click()


def says_fixed(browser: Browser, issue: str, done: str, because: str) -> None:
    """The owner reads why it is open, and says what was done."""
    browser.go(issue)
    sees(browser, "Being fixed", because)
    browser.page.get_by_role("radio", name=re.compile("Fixed for everybody")).check(force=True)
    browser.page.get_by_label("In one or two sentences").fill(done)
    presses(browser, "Tell the floor")
    says(browser, "Everybody who raised it is asked whether it is fixed.")


def opens_figure(browser: Browser, figure: str) -> None:
    """The month's figure leads to the rows it was counted from."""
    browser.go("/summary")
    browser.page.get_by_role("link", name=re.compile(f"^{figure}:")).click()
    sees(browser, figure)
    browser.page.get_by_role("link", name=SAID).wait_for()


def a_free_workday() -> date:
    """A working day beyond the demo's plans."""
    day = datetime.now(UTC).date() + timedelta(days=60)
    return day + timedelta(days=(7 - day.weekday()) % 7)


def test_one_turn_from_the_offer_to_the_figure_that_opens_its_rows(open_browser: Open):
    ben, post, fatima = open_browser("Ben Adeyemi"), open_browser(width=390), open_browser("Fatima Begum", width=390)
    karin, peter = Post(post, "Karin Nyberg"), Post(post, "Peter Sandström")

    # 1. Invite. The lead offers a shift and asks the manager in the team's own words; Undo is tried once.
    day = a_free_workday()
    ben.go("/shifts")
    opens(ben, "Offer a shift")
    ben.page.get_by_label("Day").fill(day.isoformat())
    ben.page.get_by_label("From").fill("09:00")
    ben.page.get_by_label("To", exact=True).fill("15:00")
    ben.page.get_by_label("Host").select_option(label="Fatima Begum")
    ben.page.get_by_label("The plan").fill("Coffee and a headset\nListen until the break\nYour own hands on the keys")
    presses(ben, "Offer it")
    says(ben, "The shift of Billing is on offer. Invite somebody to it next.")
    for attempt in ("to be taken back", "to stay"):
        row = ben.page.get_by_role("row", name=re.compile(re.escape(when.day(day))))
        row.get_by_role("link", name="Invite", exact=True).click()
        who = ben.page.get_by_label("Who?")
        who.select_option(label=next(one for one in who.locator("option").all_inner_texts() if "Karin Nyberg" in one))
        ben.page.get_by_label("Why you?").fill(WHY)
        ben.page.get_by_label("What we hope you fix").fill("An invoice run that callers do not notice.")
        presses(ben, "Send the invitation")
        says(ben, "Karin Nyberg is invited.")
        if attempt == "to be taken back":
            presses(ben, "Undo")
            says(ben, "Undone. No letter has left.")
            ben.go("/shifts")
    karins_day = ben.page.url
    sees(ben, "Invited", WHY)

    # While that letter still waits, the host ends another day: Ann has been with Billing, by the demo's calendar.
    fatima.go("/today")
    fatima.page.locator("section.card", has_text="Ann Archer").get_by_role("link", name="Note something").click()
    sees(fatima, "Ann Archer with Billing", "Nothing yet.")
    fatima.page.get_by_label("What got in the way, or went well?").fill(SAID)
    unfolds(fatima, "More: who said it, your name, kind, your idea")
    fatima.page.get_by_role("radio", name="Customer said").check(force=True)
    presses(fatima, "Save the note")
    says(fatima, "Saved as FD-")
    sees(fatima, "1 note", "Customer said", "Read the list back to the team")
    presses(fatima, "The list is right")
    says(fatima, "Noted: the list is right.")
    opens(fatima, "The day")
    presses(fatima, "Held")
    says(fatima, "Held. Thank you.")
    sees(fatima, "read back")

    # 5. Follow: the coordinator finds who fixes it, and who answers for it.
    maya = open_browser("Maya Lindqvist")
    maya.go("/issues")
    card = maya.page.locator("section.col", has_text="Needs an owner").locator("li.issue", has_text=SAID)
    card.get_by_role("link", name=SAID).click()
    issue = maya.page.url
    sees(maya, SAID, "Needs an owner")
    owner = maya.page.get_by_label("Owner")
    owner.select_option(label=next(one for one in owner.locator("option").all_inner_texts() if "Cleo Fontaine" in one))
    presses(maya, "Give it to them")
    says(maya, "Cleo Fontaine has it now.")
    sees(maya, "Being fixed")
    unfolds(maya, "Name a sponsor")
    maya.page.get_by_label("Sponsor").select_option(label="Ann Archer")
    presses(maya, "Name the sponsor")
    says(maya, "Ann Archer sponsors it.")

    # The owner promises, tells, and asks.
    cleo = open_browser("Cleo Fontaine")
    cleo.go(issue)
    cleo.page.get_by_label("Fixed by").fill((datetime.now(UTC).date() + timedelta(days=20)).isoformat())
    presses(cleo, "Promise this date")
    says(cleo, "Everybody who raised it is told.")
    unfolds(cleo, "Give an update")
    cleo.page.get_by_label("Update").fill("The preview reads the old address table; we know where.")
    presses(cleo, "Send the update")
    says(cleo, "The update goes to everybody who raised it.")
    unfolds(cleo, "Ask the sponsor to decide")
    cleo.page.get_by_label("What has to be decided?").fill("May the preview be off for one night?")
    presses(cleo, "Ask the sponsor")
    says(cleo, "Ann Archer is asked.")
    sees(cleo, "Needs a decision")

    # 2. Accept, in Gmail's calendar: the reply comes back by mail.
    karin.open_letter("Billing invites you for " + when.day(day))
    assert WHY in karin.says()
    karin.answer("Accept", "Gmail", word="I come by the early train.")
    sees(post, "How the day stands")
    ben.go(karins_day)
    sees(ben, "Accepted", "I come by the early train.", "from the calendar")

    # The lead moves the day: the same event, asked again.
    unfolds(ben, "Give it another date")
    chip = ben.page.locator("label.chip").first
    moved_to = chip.inner_text().split(",")[0]
    chip.locator("input").check(force=True)
    presses(ben, "Move to this date")
    says(ben, "Moved to " + moved_to)
    sees(ben, "Invited")

    # The sponsor answers from the letter.
    ann = Post(post, "Ann Archer")
    ann.open_letter("Yes or no? " + SAID)
    page = ann.follow("Say yes or no")
    sees(page, "May the preview be off for one night?", "You answer as Ann Archer.")
    page.page.get_by_label("Because").fill("Tell the floor a day before.")
    presses(page, "Yes")
    says(page, "Decided. The owner and everybody who raised it are told.")

    # And it is said fixed.
    missing = "Old customers still show the old street."
    says_fixed(cleo, issue, "The preview reads the new table.", "Tell the floor a day before.")

    # The calendar shows the move; this time the answer is a maybe, from Exchange.
    karin.open_letter("Your day with Billing has changed: " + moved_to)
    sees(post, "Was")
    karin.answer("Tentative", "Exchange")
    ben.go(karins_day)
    sees(ben, "Maybe")

    # The assistant says yes for her, on the page that the assistant's own letter opens.
    peter.open_letter("The day of Karin Nyberg with Billing has changed: " + moved_to)
    assert "on behalf of Karin Nyberg" in peter.says()
    page = peter.follow("Answer")
    sees(page, "Billing invites Karin Nyberg", "You are Peter Sandström and answer on behalf of Karin Nyberg.")
    presses(page, "Accept for Karin Nyberg")
    says(page, "Thank you")
    ben.go(karins_day)
    sees(ben, "Accepted", "Peter Sandström")

    # 3. Prepare: what Karin reads before she comes.
    reader = open_browser("Karin Nyberg", width=390, scheme="dark")
    reader.go("/today")
    reader.page.locator("section.card", has_text=moved_to).get_by_role("link", name="The brief").click()
    sees(reader, "Your day with Billing", WHY, "What this team still waits for", "Callum Doyle", "Stockholm time")

    # The floor says no, and why.
    desk = Post(post, "Fatima Begum")
    desk.open_letter("Is it fixed? " + SAID)
    page = desk.follow("Say whether it is fixed")
    sees(page, SAID, "The preview reads the new table.", "You answer as Fatima Begum.")
    page.page.get_by_label("What is still missing?").fill(missing)
    presses(page, "Not fixed")
    says(page, "Thank you.")
    says_fixed(cleo, issue, "The old customers' addresses have moved, too.", missing)

    # Karin's day is called off.
    ben.go(karins_day)
    unfolds(ben, "Cancel the day")
    ben.page.get_by_label("Why? The other side reads it.").fill("The floor moves house that week.")
    presses(ben, "Cancel the day")
    says(ben, "Cancelled. Both sides are told why.")

    ruth = open_browser("Ruth Calloway")
    opens_figure(ruth, "Reopened")

    # Karin's calendar takes the day away; and the floor says yes.
    karin.open_letter("Cancelled: your day with Billing, " + moved_to)
    sees(post, "Cancelled")
    assert "The floor moves house that week." in karin.says()
    assert post.page.get_by_role("button", name="Accept", exact=True).count() == 0
    desk.open_letter("Is it fixed? " + SAID, nth=1)
    page = desk.follow("Say whether it is fixed")
    sees(page, "The old customers' addresses have moved, too.")
    presses(page, "Fixed")
    sees(post, "It is confirmed as fixed. Thank you.")
    fatima.go(issue)
    sees(fatima, "Confirmed", missing, "Tell the floor a day before.")

    # 6. Tell: the month counts it, and the figure opens its rows.
    opens_figure(ruth, "Confirmed by the floor")

    assert [one for browser in (ben, post, fatima, maya, reader, cleo, ruth) for one in browser.wrong] == []
