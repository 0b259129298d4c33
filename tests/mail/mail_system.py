"""A company's mail system on this machine's loopback: Postfix takes mail, Dovecot keeps the mailboxes.

    with mail_system(folder, domain="floorday.example", people=["ann"], away=["lou"], ours="reply.example") as mail:
        mail.smtp, mail.imap, mail.lmtp      ports; floorday is to listen on the last one

Mail for one of the people lies in a mailbox that IMAP opens with the password PASSWORD; under TLS they sign in to
Postfix with it too. Somebody `away` is known to Postfix and has no mailbox any more, so Postfix sends the mail back
later. Mail for `ours` is handed to floorday by the lines that docs/deploy.md tells. Nothing leaves the machine, and
nothing on it is changed: both run in the folder given, as the users their packages brought, and end with the block.
"""

from __future__ import annotations

import contextlib
import imaplib
import os
import random
import shutil
import signal
import smtplib
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from pwd import getpwnam
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PASSWORD = "opens-any-mailbox"
HOST = "127.0.0.1"
PATIENCE = 20
KEEPER = "nobody"
"""Owns the mailboxes."""

LMTP_PLACES = ("/usr/lib/dovecot/lmtp", "/usr/libexec/dovecot/lmtp")


def missing() -> str:
    """Say in a sentence what keeps the mail system from running here; empty when nothing does."""
    needed = {"postfix": "postfix", "postmap": "postfix", "dovecot": "dovecot-imapd", "openssl": "openssl"}
    for program, package in needed.items():
        if shutil.which(program, path=PATHS) is None:
            return f"This needs a real mail system, and {program} is not installed (Debian: {package})."
    if not any(Path(place).exists() for place in LMTP_PLACES):
        return "This needs a real mail system, and Dovecot's LMTP server is not installed (Debian: dovecot-lmtpd)."
    if os.name != "posix" or os.geteuid() != 0:
        return "This needs a real mail system, and Postfix only starts as root, since it changes to users of its own."
    for user in ("postfix", "dovenull", "dovecot", KEEPER):
        try:
            getpwnam(user)
        except KeyError:
            return f"This needs a real mail system, and the user {user}, which its packages bring, is not here."
    return ""


PATHS = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


@dataclass
class MailSystem:
    """Where it is, and what a test may do to it."""

    folder: Path
    domain: str
    ours: str
    smtp: int
    imap: int
    dovecot_lmtp: int
    lmtp: int
    kept: str
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def postfix(self) -> Path:
        return self.folder / "postfix"

    @property
    def authority(self) -> Path:
        """The certificate to trust, so that TLS with `localhost` holds."""
        return self.folder / "postfix" / "etc" / "server.crt"

    def answer(self, address: str, words: str) -> None:
        """Let Postfix answer RCPT to an address with these words; empty words are the usual answer."""
        moods = self.postfix / "etc" / "moods"
        said = dict(line.split(" ", 1) for line in moods.read_text().splitlines())
        said[address] = words
        moods.write_text("".join(f"{who} {what}\n" for who, what in said.items() if what))
        before = moods.with_suffix(".db").stat().st_mtime if moods.with_suffix(".db").exists() else 0
        # Postfix notices a changed table by its time, to the second.
        while int(time.time()) <= int(before):
            time.sleep(0.05)
        self._postfix("postmap", f"{self.kept}:{moods}")

    def flush(self) -> None:
        """Let Postfix try at once what it had put off."""
        self._postfix("postqueue", "-f")

    def queued(self) -> str:
        """Show what waits in Postfix's queue."""
        return self._postfix("postqueue", "-p")

    def empty(self) -> None:
        """Forget every mail, waiting or delivered, and every odd answer."""
        self._postfix("postsuper", "-d", "ALL")
        for box in (self.folder / "mail").iterdir():
            shutil.rmtree(box)
        moods = self.postfix / "etc" / "moods"
        if moods.read_text():
            moods.write_text("")
            self._postfix("postmap", f"{self.kept}:{moods}")

    def log(self) -> str:
        """What both wrote; for a test that failed."""
        return "".join(
            place.read_text("utf-8", "replace")
            for place in (self.postfix / "log", self.folder / "dovecot.log")
            if place.exists()
        )

    def _postfix(self, command: str, *words: str) -> str:
        done = subprocess.run(
            [_program(command), "-c", str(self.postfix / "etc"), *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command} {words}: {done.stdout}{done.stderr}"
        return done.stdout


@contextlib.contextmanager
def mail_system(
    folder: Path, *, domain: str, people: Sequence[str], ours: str, away: Sequence[str] = (),
) -> Iterator[MailSystem]:  # fmt: skip
    """Start both, wait until they answer, and end what was started."""
    smtp, imap, dovecot_lmtp, lmtp = _unused(4)
    folder.chmod(0o755)
    mail = MailSystem(folder, domain, ours, smtp, imap, dovecot_lmtp, lmtp, kept=_told("default_database_type"))
    dovecot = _dovecot(mail, people)
    postfix = _postfix(mail, people, away)
    with contextlib.ExitStack() as ends:

        def run(*command: str) -> None:
            env = {"PATH": PATHS, "LANG": "C", "MAIL_CONFIG": str(postfix)}
            mail.running.append(start([*command], output=folder / "output", cwd=folder, env=env))
            ends.callback(end, mail.running[-1])

        run(_program("dovecot"), "-F", "-c", str(dovecot))
        _until(lambda: imaplib.IMAP4(HOST, imap).shutdown(), mail)
        run(f"{_told('daemon_directory')}/master", "-d")
        _until(lambda: smtplib.SMTP(HOST, smtp).quit(), mail)
        yield mail


# ---- Dovecot

DOVECOT = """\
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_username_format = %Ln
recipient_delimiter = +
first_valid_uid = {uid}
last_valid_uid = {uid}
first_valid_gid = {gid}
mail_location = maildir:~/
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/people
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener {folder}/postfix/queue/private/auth {{
    mode = 0600
    user = postfix
  }}
}}
"""


def _dovecot(mail: MailSystem, people: Sequence[str]) -> Path:
    keeper = getpwnam(KEEPER)
    boxes = mail.folder / "mail"
    boxes.mkdir()
    os.chown(boxes, keeper.pw_uid, keeper.pw_gid)
    (mail.folder / "people").write_text("".join(f"{name}:{PASSWORD}\n" for name in people))
    conf = mail.folder / "dovecot.conf"
    conf.write_text(DOVECOT.format(
        folder=mail.folder, uid=keeper.pw_uid, gid=keeper.pw_gid, imap=mail.imap, lmtp=mail.dovecot_lmtp))
    return conf


# ---- Postfix

POSTFIX = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mail.{domain}
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:nobody has an account here
default_transport = error:no mail leaves this machine
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = {kept}:{folder}/etc/people
virtual_transport = lmtp:inet:127.0.0.1:{dovecot}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access {kept}:{folder}/etc/moods, permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = {folder}/etc/server.crt
smtpd_tls_key_file = {folder}/etc/server.key
smtpd_tls_received_header = yes
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_authenticated_header = yes
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
relay_domains = {ours}
transport_maps = {kept}:{folder}/etc/transport
recipient_delimiter = +
lmtp_destination_concurrency_limit = 5
"""

SERVICES = """\
127.0.0.1:{smtp} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 5 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def _postfix(mail: MailSystem, people: Sequence[str], away: Sequence[str]) -> Path:
    etc = mail.postfix / "etc"
    for name in ("etc", "queue", "data"):
        (mail.postfix / name).mkdir(parents=True)
    os.chown(mail.postfix / "data", getpwnam("postfix").pw_uid, -1)
    (etc / "main.cf").write_text(POSTFIX.format(
        folder=mail.postfix, domain=mail.domain, ours=mail.ours, kept=mail.kept, dovecot=mail.dovecot_lmtp))
    (etc / "master.cf").write_text(SERVICES.format(smtp=mail.smtp))
    tables = {
        "people": "".join(f"{name}@{mail.domain} {name}\n" for name in (*people, *away)),
        "transport": f"{mail.ours} lmtp:inet:127.0.0.1:{mail.lmtp}\n",
        "moods": "",
    }
    for name, lines in tables.items():
        (etc / name).write_text(lines)
        mail._postfix("postmap", f"{mail.kept}:{etc / name}")
    subprocess.run(
        [_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(etc / "server.key"), "-out", str(etc / "server.crt")],
        check=True, capture_output=True)
    # Makes the queue's folders, and says what is wrong with the settings.
    checked = subprocess.run(
        [_program("postfix"), "-c", str(etc), "check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr + mail.log()
    return etc


# ---- starting and ending

def _program(name: str) -> str:
    return shutil.which(name, path=PATHS) or name


def _told(setting: str) -> str:
    """Ask Postfix for one of its built-in settings."""
    said = subprocess.run([_program("postconf"), "-d", "-h", setting], capture_output=True, text=True, check=True)
    return said.stdout.strip()


KEEP = '"$@" & it=$!; ( cat >/dev/null; kill $it ) <&3 & wait $it'
"""Runs a command until its input ends: so it ends with us, however we end."""


def start(command: list[str], *, output: Path, cwd: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a server; `end` asks it to end with SIGTERM, and so does our own death."""
    with output.open("ab") as out:
        return subprocess.Popen(
            ["sh", "-c", f"exec 3<&0; {KEEP}", "sh", *command], cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=out,
            stderr=out, start_new_session=True)


def end(one: subprocess.Popen[bytes], patience: float = 20) -> int:
    """Ask a server to end, wait until it has, and give what it left with."""
    assert one.stdin is not None
    one.stdin.close()
    try:
        return one.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(one.pid, signal.SIGKILL)
        one.wait()
        raise


def _until(try_it: Callable[[], object], mail: MailSystem) -> None:
    """Wait until a server answers, unless it has ended."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            try_it()
        except (OSError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
            ended = [one.args for one in mail.running if one.poll() is not None]
            if ended or time.monotonic() > until:
                raise RuntimeError(
                    f"{ended or mail.running[-1].args}: {error}\n{(mail.folder / 'output').read_text()}{mail.log()}"
                ) from error
            time.sleep(0.05)
        else:
            return


def _unused(count: int) -> list[int]:
    """Choose ports below those that the system hands out, so that no passing connection takes them."""
    found: list[int] = []
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind((HOST, port))
            found.append(port)
        if len(found) == count:
            break
    return found
