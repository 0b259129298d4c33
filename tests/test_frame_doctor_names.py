"""What `floorday doctor` says of the sender's domain, asked of a real name server on the loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from msgspec import structs

from floorday.config import Settings
from floorday.doctor import Finding, Level, names

GOOD = {
    ("bright.example", "MX"): ["10 mail.bright.example."],
    ("bright.example", "TXT"): ['"v=spf1 mx -all"', '"some other words"'],
    ("_dmarc.bright.example", "TXT"): ['"v=DMARC1; p=reject"'],
}


class NameServer(asyncio.DatagramProtocol):
    """Answers from a table; a name that it does not have does not exist."""

    def __init__(self, table: dict[tuple[str, str], list[str]]) -> None:
        self.table = table

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = dns.message.from_wire(data)
        (question,) = asked.question
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.AA
        kind = dns.rdatatype.to_text(question.rdtype)
        name = question.name.to_text(omit_final_dot=True).lower()
        if records := self.table.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *records))
        elif not any(known == name for known, _kind in self.table):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def serving(table: dict[tuple[str, str], list[str]]) -> AsyncIterator[dns.asyncresolver.Resolver]:
    loop = asyncio.get_running_loop()
    transport, _protocol = await loop.create_datagram_endpoint(lambda: NameServer(table), ("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], transport.get_extra_info("sockname")[1]
    try:
        yield resolver
    finally:
        transport.close()


async def said(table: dict[tuple[str, str], list[str]], **changes: str) -> list[Finding]:
    settings = Settings(smtp_host="mail.bright.example", mail_from="days@bright.example", mail_domain="bright.example")
    async with serving(table) as resolver:
        return await names(structs.replace(settings, **changes), resolver=resolver)


async def test_a_domain_in_order_is_said_to_be_so() -> None:
    found = await said(GOOD)
    assert {finding.level for finding in found} == {Level.OK}
    assert "bright.example has a mail server, SPF and DMARC" in found[0].says


async def test_ob_12_the_policy_of_the_parent_holds_below_it() -> None:
    below = {("reply.bright.example", "MX"): ["10 a."], ("reply.bright.example", "TXT"): ['"v=spf1 mx -all"']}
    found = await said(GOOD | below, mail_domain="reply.bright.example")
    assert {finding.level for finding in found} == {Level.OK}


@pytest.mark.parametrize(("without", "level", "words"), [
    (("bright.example", "MX"), Level.WRONG, "No mail server is named"),
    (("bright.example", "TXT"), Level.WARNING, "0 SPF records"),
    (("_dmarc.bright.example", "TXT"), Level.WARNING, "no DMARC record"),
])  # fmt: skip
async def test_ob_12_what_is_missing_is_named_with_the_record_to_add(
    without: tuple[str, str], level: Level, words: str
) -> None:
    found = await said({key: value for key, value in GOOD.items() if key != without})
    (wrong,) = [finding for finding in found if finding.level is not Level.OK]
    assert wrong.level is level
    assert words in wrong.says
    assert "bright.example" in wrong.todo


async def test_two_spf_records_are_none() -> None:
    two = {("bright.example", "TXT"): ['"v=spf1 mx -all"', '"v=spf1 a -all"']}
    assert any("2 SPF records" in finding.says for finding in await said(GOOD | two))


async def test_ob_01b_a_mailbox_at_google_gets_no_answers_from_google() -> None:
    google = {("bright.example", "MX"): ["1 aspmx.l.google.com.", "5 alt1.aspmx.l.google.com."]}
    found = await said(GOOD | google)
    assert any(finding.level is Level.WARNING and "Google" in finding.says for finding in found)


async def test_name_servers_that_stay_silent_are_no_fault_of_the_domain() -> None:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], 9
    settings = Settings(smtp_host="mail.bright.example", mail_from="days@bright.example", mail_domain="bright.example")
    (found,) = await names(settings, resolver=resolver)
    assert found.level is Level.WARNING
    assert "could not be asked" in found.says


async def test_where_no_letter_leaves_nobody_is_asked() -> None:
    assert await said({}, smtp_host="") == []
