"""Settings: read strictly, and a sentence for each that cannot be right."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from msgspec import structs

from floorday import config
from floorday.config import Settings, kept_secret, load
from floorday.errors import Misconfigured

SECRET = "x" * 40


def write(folder, words):
    path = folder / "floorday.toml"
    path.write_text(words)
    return path


def test_without_any_setting_it_runs_on_a_laptop():
    assert load({}) == structs.replace(Settings(), mail_domain="floorday.example")
    assert load({"PATH": "/bin", "HOME": "/"}) == load({})


def test_the_environment_wins_over_the_file(tmp_path):
    path = write(tmp_path, 'company = "File"\nzone = "Europe/Paris"\nport = 9000\ndemo = false\ngate_timeout = 2')
    chosen = load({"FLOORDAY_COMPANY": "Environment", "FLOORDAY_DEMO": "yes"}, path)
    assert (chosen.company, chosen.zone, chosen.port, chosen.demo, chosen.gate_timeout) == (
        "Environment", "Europe/Paris", 9000, True, 2.0)


@pytest.mark.parametrize(("raw", "value"), [("1", True), ("TRUE", True), ("on", True), ("0", False), (" no ", False)])
def test_yes_and_no_in_the_environment(raw, value):
    assert load({"FLOORDAY_PGBOUNCER": raw}).pgbouncer is value


@pytest.mark.parametrize(("key", "near"), [
    ("FLOORDAY_BASEURL", "FLOORDAY_BASE_URL"), ("FLOORDAY_ZONES", "FLOORDAY_ZONE"),
    ("FLOORDAY_CONFG", "FLOORDAY_CONFIG"), ("FLOORDAY_zone", "FLOORDAY_ZONE"),
])
def test_an_unknown_variable_is_refused_with_the_nearest_known(key, near):
    with pytest.raises(Misconfigured) as caught:
        load({key: "x"})
    assert str(caught.value) == f"{key}: There is no such setting. For example: {near}"


def test_an_unknown_key_of_the_file_is_refused_with_the_nearest_known(tmp_path):
    with pytest.raises(Misconfigured) as caught:
        load({}, write(tmp_path, 'data_base = "x"'))
    assert (caught.value.key, str(caught.value).endswith("For example: database")) == ("data_base", True)


@pytest.mark.parametrize(("key", "raw", "words"), [
    ("PORT", "eighty", "'eighty' is not a number"), ("PORT", "0", "not between 1 and 65535"),
    ("PORT", "80.5", "not a number"), ("GATE_TIMEOUT", "nan", "not between"), ("GATE_TIMEOUT", "-1", "not between"),
    ("DEMO", "maybe", "neither yes nor no"), ("ZONE", "Europe/Londn", "IANA"), ("ZONE", "../x", "IANA"),
    ("BASE_URL", "ftp://x", "http:// or https://"), ("BASE_URL", "floorday.example.com", "http:// or https://"),
    ("BASE_URL", "https://x/deep", "plain address"), ("BASE_URL", "https://x:port", "no web address"),
    ("BASE_URL", "https://me:secret@x", "plain address"),
    ("DATABASE", "mysql://x", "neither"), ("DATABASE", "sqlite:///", "no file"),
    ("DATABASE", "sqlite:///:memory:", "no file"),
    ("SMTP_SECURITY", "ssl", "none of: none, starttls, tls"), ("SENDER_PROOF", "no", "none of: auto, both"),
    ("MAIL_FROM", "floorday", "not a mail address"), ("MAIL_FROM", "a@b\nBcc: c@d", "not a mail address"),
    ("MAIL_DOMAIN", "a b", "not a domain"), ("LMTP_LISTEN", "8024", "not host:port"),
    ("LMTP_LISTEN", "x:99999", "not host"),
    ("SECRET_KEY", "short", "too short"), ("COMPANY", " ", "has a name"), ("UNDO_SECONDS", "999", "not between"),
    ("LOG_LEVEL", "loud", "none of"), ("READERS", "0", "not between"),
])
def test_a_wrong_value_names_its_key_what_is_wrong_and_an_example(key, raw, words):
    with pytest.raises(Misconfigured) as caught:
        load({f"FLOORDAY_{key}": raw})
    assert caught.value.key == f"FLOORDAY_{key}"
    assert words in str(caught.value)
    assert ". For example: " in str(caught.value)


@pytest.mark.parametrize(("words", "key"), [
    ("port = '80'", "port"), ("demo = 1", "demo"), ("company = 3", "company"), ("port = true", "port"),
    ("smtp_security = 1", "smtp_security"), ("readers = 2.5", "readers"), ("zone = ['UTC']", "zone"),
    ("[zone]\na = 1", "zone"),
])
def test_a_wrong_type_in_the_file_names_its_key(tmp_path, words, key):
    with pytest.raises(Misconfigured) as caught:
        load({}, write(tmp_path, words))
    assert caught.value.key == key


def test_a_file_that_is_no_toml_is_named(tmp_path):
    path = write(tmp_path, "zone = Europe/London")
    with pytest.raises(Misconfigured, match="not TOML") as caught:
        load({}, path)
    assert caught.value.key == str(path)


def test_a_file_that_was_asked_for_has_to_be_there(tmp_path):
    missing = tmp_path / "none.toml"
    assert load({}, missing) == load({})
    with pytest.raises(Misconfigured, match="no file"):
        load({}, missing, must_exist=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_the_demo_runs_on_this_machine(host):
    assert load({"FLOORDAY_DEMO": "1", "FLOORDAY_HOST": host}).demo


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "floorday.example.com", ""])
def test_and_nowhere_else(host):
    with pytest.raises(Misconfigured, match="only on this machine"):
        load({"FLOORDAY_DEMO": "1", "FLOORDAY_HOST": host})


def test_postgres_needs_a_secret_key():
    with pytest.raises(Misconfigured, match="secret_key"):
        load({"FLOORDAY_DATABASE": "postgresql://x/y"})
    assert load({"FLOORDAY_DATABASE": "postgresql://x/y", "FLOORDAY_SECRET_KEY": SECRET}).secret_key == SECRET


def test_replies_go_to_the_domain_we_send_from_unless_told():
    assert load({"FLOORDAY_MAIL_FROM": "day@example.org"}).mail_domain == "example.org"
    assert load({"FLOORDAY_MAIL_DOMAIN": "reply.example.org"}).mail_domain == "reply.example.org"


def test_the_key_is_made_once_and_only_we_can_read_it(tmp_path):
    chosen = Settings(database=f"sqlite:///{tmp_path}/var/floorday.sqlite")
    first = kept_secret(chosen)
    assert len(first) >= 43
    assert kept_secret(chosen) == first
    (file,) = (tmp_path / "var").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_that_others_can_read_is_refused(tmp_path):
    chosen = Settings(database=f"sqlite:///{tmp_path}/floorday.sqlite")
    kept_secret(chosen)
    (tmp_path / "floorday.key").chmod(0o644)
    with pytest.raises(Misconfigured, match="chmod 600"):
        kept_secret(chosen)


def test_a_key_cut_short_is_refused(tmp_path):
    (tmp_path / "floorday.key").touch(mode=0o600)
    with pytest.raises(Misconfigured, match="cut short"):
        kept_secret(Settings(database=f"sqlite:///{tmp_path}/floorday.sqlite"))


def test_no_secret_is_shown(tmp_path):
    chosen = load({"FLOORDAY_SECRET_KEY": SECRET, "FLOORDAY_SMTP_PASSWORD": "canary-1",
                   "FLOORDAY_DATABASE": "postgresql://me:canary-2@x/y"})
    shown = f"{chosen!r} {chosen}"
    assert "company='Our company'" in shown
    assert not [secret for secret in (SECRET, "canary-1", "canary-2") if secret in shown]
    with pytest.raises(Misconfigured) as caught:
        load({}, write(tmp_path, "smtp_password = 12345678"))
    assert "12345678" not in str(caught.value)


READ = "from floorday.config import settings; s = settings(); print(s.zone, len(s.secret_key) >= 32)"


def test_a_process_reads_the_file_it_stands_beside_or_is_told_of(tmp_path):
    here, told = tmp_path / "here", tmp_path / "told"
    for folder, zone in ((here, "Europe/Paris"), (told, "Asia/Tokyo")):
        folder.mkdir()
        write(folder, f'zone = "{zone}"')
    plain = {key: value for key, value in os.environ.items() if not key.startswith("FLOORDAY_")}
    for extra, zone in (({}, "Europe/Paris"), ({"FLOORDAY_CONFIG": str(told / "floorday.toml")}, "Asia/Tokyo")):
        done = subprocess.run([sys.executable, "-c", READ], cwd=here, env=plain | extra, capture_output=True, text=True,
                              check=True)
        assert done.stdout.strip() == f"{zone} True"


UNTOUCHED = "import floorday.config as c; c.settings(); assert c.DB.pool is None; print(type(c.DB).__name__)"


def test_importing_the_settings_opens_no_database(tmp_path):
    env = os.environ | {"FLOORDAY_DATABASE": "postgresql://nobody@192.0.2.1/none", "FLOORDAY_SECRET_KEY": SECRET}
    done = subprocess.run([sys.executable, "-c", UNTOUCHED], env=env, capture_output=True, text=True, timeout=20,
                          check=True)
    assert (done.stdout.strip(), done.stderr) == ("PooledPostgres", "")


def test_the_clock_is_utc():
    assert config.now().tzinfo is UTC
    assert abs((config.now() - datetime.now(UTC)).total_seconds()) < 5


def test_other_names_are_not_made_up():
    with pytest.raises(AttributeError, match="NOTHING"):
        _ = config.NOTHING
