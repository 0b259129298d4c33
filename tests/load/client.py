"""One client process of the load test: reads its attempts as JSON, writes what each was answered.

In: {"servers": [url, ...], "cookie": ..., "at_once": n, "attempts": [{"manager": id, "shift": id}, ...]}
Out: [[status, location], ...] in the order of the attempts.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

import httpx


async def main(wanted: dict[str, Any]) -> list[list[Any]]:
    """Send all attempts, so many at a time, to the servers in turn."""
    limits = httpx.Limits(max_connections=wanted["at_once"])
    cookies = {"floorday": wanted["cookie"]}
    async with httpx.AsyncClient(cookies=cookies, limits=limits, timeout=120) as client:
        form = await client.get(wanted["servers"][0] + "/shifts/new")
        csrf = re.search(r'name="csrf" value="([^"]+)"', form.text)
        if csrf is None:
            raise RuntimeError(f"{form.status_code}: {form.text[:2000]}")
        turns = asyncio.Semaphore(wanted["at_once"])

        async def attempt(number: int, fields: dict[str, str]) -> list[Any]:
            async with turns:
                server = wanted["servers"][number % len(wanted["servers"])]
                answer = await client.post(
                    f"{server}/invitations", data={"csrf": csrf[1], "why": "Come and see.", **fields},
                    headers={"accept": "application/json"})
                return [answer.status_code, answer.headers.get("location", answer.text[:300])]

        return await asyncio.gather(*[attempt(n, fields) for n, fields in enumerate(wanted["attempts"])])


if __name__ == "__main__":
    json.dump(asyncio.run(main(json.load(sys.stdin))), sys.stdout)
