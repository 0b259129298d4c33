"""Photos of a note: read apart and written anew, so that nothing is kept but what is to be seen.

Turned as the camera held it, at most `LONGEST` pixels long, JPEG; where and when it was taken, by which camera, and
what its file was called goes nowhere.
"""

from __future__ import annotations

from io import BytesIO

import msgspec
from msgspec import Struct

from floorday.apart import Apart
from floorday.errors import BadInput, Busy
from floorday.render.words import gettext as _

MOST = 3
HEAVIEST = 9 * 1024 * 1024
"""Bytes of one photo as it comes."""
MOST_PIXELS = 50_000_000
LONGEST = 2048
KEPT_HEAVIEST = 1_500_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class Photograph(Struct, frozen=True):
    """A photo as it is kept."""

    content: bytes
    width: int
    height: int


class Remade(Struct, frozen=True):
    """What became of foreign bytes: a photo, or why there is none ("not-a-photo", "too-many-pixels")."""

    photo: Photograph | None = None
    refused: str = ""


def remade(raw: bytes) -> bytes:
    """Write a photo anew, and give it as bytes of a `Remade`."""
    return msgspec.msgpack.encode(_remade(raw or _warm()))


def _remade(raw: bytes) -> Remade:
    from PIL import Image, ImageOps, UnidentifiedImageError  # here alone: it is not in the process that asks

    try:
        with Image.open(BytesIO(raw), formats=FORMATS) as found:
            if found.width * found.height > MOST_PIXELS:
                return Remade(refused="too-many-pixels")
            found.draft("RGB", (LONGEST, LONGEST))  # a JPEG is read no larger than needed
            turned = ImageOps.exif_transpose(found)
            turned.thumbnail((LONGEST, LONGEST))
            seen = turned.convert("RGBA") if turned.has_transparency_data else turned.convert("RGB")
    except Image.DecompressionBombError:
        return Remade(refused="too-many-pixels")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        return Remade(refused="not-a-photo")
    # A new picture knows nothing of the old one's comments, profiles and places.
    clean = Image.new("RGB", seen.size, "white")
    clean.paste(seen, mask=seen if seen.mode == "RGBA" else None)
    for quality in (82, 70, 50, 30):
        written = BytesIO()
        clean.save(written, "JPEG", quality=quality, optimize=True)
        if written.tell() <= KEPT_HEAVIEST:
            break
    return Remade(Photograph(written.getvalue(), *clean.size))


def _warm() -> bytes:
    from PIL import Image

    small = BytesIO()
    Image.new("RGB", (8, 8)).save(small, "JPEG")
    return small.getvalue()


_apart = Apart("floorday.issues.photos:remade", cpu_seconds=4, memory=640 * 1024 * 1024)


def remake(raw: bytes) -> Photograph:
    """Take a photo that somebody sent, in a process with limits; raise BadInput with what to do. Blocks."""
    if len(raw) > HEAVIEST:
        raise _refused(_("This photo is larger than 9 MB. Send a smaller one, or a screenshot of it."))
    try:
        answer = _apart.ask(raw or b"\0")
    except OSError as error:
        sentence = _("The photo cannot be read just now. Try again in a minute, or save the note without it.")
        raise Busy(sentence) from error
    told = msgspec.msgpack.decode(answer, type=Remade) if answer else Remade(refused="too-many-pixels")
    if told.photo is not None:
        return told.photo
    if told.refused == "too-many-pixels":
        raise _refused(_("This photo unpacks to more than can be kept. Send a smaller one, or a screenshot of it."))
    raise _refused(_("This is no photo that can be read. Send a JPEG, PNG, WebP or GIF picture."))


def check_count(count: int) -> None:
    """Raise BadInput where there are too many."""
    if count > MOST:
        raise _refused(_("Up to three photos go with a note. Leave some out."))


def close() -> None:
    """End the process that reads photos, if one was started here."""
    _apart.close()


def _refused(sentence: str) -> BadInput:
    return BadInput(sentence, fields={"photos": sentence})
