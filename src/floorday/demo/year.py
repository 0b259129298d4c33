"""A year with known answers, day by day: who was invited where, what came of it, what was raised and how it went on.

The figures of each of its months are known (docs/demo.md). It is told without a year, so that the demo can have lived
it in any: `visits` reads it. What happened to an issue is told in seconds after it was raised, so that spans stay what
they are.
"""

from __future__ import annotations

import re

from msgspec import Struct

KINDS = {
    "g": "glitch", "r": "red tape", "h": "hand-off", "p": "product", "k": "knowledge", "w": "workspace",
    "s": "staffing", "m": "measure conflict",
}  # fmt: skip
ACKNOWLEDGED = 24 * 3600
VERDICT = 2 * 24 * 3600
"""So long after a resolution a verdict comes."""


class Event(Struct, frozen=True):
    """Something that happened to an issue, so many seconds after it was raised."""

    what: str
    after: int
    says: str = ""


class Raised(Struct, frozen=True):
    """An issue: raised so many minutes into the day, by one or two persons (numbers)."""

    minutes: int
    kind: str
    department: int
    known_before: bool
    sponsored: bool
    by: tuple[int, ...]
    events: tuple[Event, ...]


class Visit(Struct, frozen=True):
    """An invitation for a day of the year. `steps`: what was answered or done, how many days after it was sent."""

    month: int
    day: int
    manager: int
    team: int
    steps: tuple[tuple[str, int], ...]
    raised: tuple[Raised, ...]

    @property
    def held(self) -> bool:
        """Say whether the manager came."""
        return ("held", 0) in self.steps


STEPS = {"a": "accepted", "d": "declined", "t": "tentative", "p": "postponed", "h": "held"}


def visits() -> list[Visit]:
    """Read the year."""
    return [_visit(*one.split()) for one in PACKED.split(";")]


def _visit(date: str, manager: str, team: str, steps: str, *raised: str) -> Visit:
    told = tuple((STEPS[step], int(days or 0)) for step, days in re.findall(r"([adtph])(\d*)", steps))
    return Visit(int(date[:2]), int(date[2:]), int(manager), int(team), told, tuple(map(_raised, raised)))


def _raised(told: str) -> Raised:
    what, by, went = told.split(":")
    read = re.fullmatch(r"(\d+)([grhpkwsm])(\d)([yn])(\*?)", what)
    assert read is not None
    events = [Event("acknowledged", ACKNOWLEDGED)]
    for step, seconds in re.findall(r"([rbfn])(\d*)", went):
        match step:
            case "r":
                events.append(Event("resolved", int(seconds)))
            case "b":
                events.append(Event("returned", int(seconds)))
            case _:
                events.append(Event("verdict", events[-1].after + VERDICT, "fixed" if step == "f" else "not"))
    return Raised(
        int(read[1]), KINDS[read[2]], int(read[3]), read[4] == "y", bool(read[5]),
        tuple(map(int, by.split("+"))), tuple(sorted(events, key=lambda event: event.after)),
    )  # fmt: skip


PACKED = """
0102 7 1 a4h 20r0y*:12:r6421190 29r4y:3:r8243891f 38h7y:6:r6441682f 47g0y:9:r20419336n 56g4y:0: 65p7y:3:r11236284f ;
0107 14 2 a4h 20g2y*:1:r17649511f 29r5y:4:r508791b1286391r1804791b2582391r3100791f
38s8y:7:r1226850b2004450r2522850b3300450r3818850b4596450r5114850f 47p2y:10:r4672681
56p5y:1:r2085132b2862732r3381132b4158732r4677132b5454732r5973132f 65h8y:4:r197871b975471r1493871b2271471r2789871f ;
0112 1 3 a12h 20g3y*:13:r4613703f 29w6y:14+15: 38g9y:16:r394816b1172416r1690816b2468416r2986816f 47r3y:17:r11553750
56g6y:18:r1244572b2022172r2540572b3318172r3836572b4614172r5132572f
65p9y:19:r2866888b3644488r4162888b4940488r5458888b6236488r6754888b7532488r8050888f ; 0115 8 4 - ; 0120 15 5 - ; 0203 2
0 a12h 20r0y*:6:r11663946 29h5y:21:
38r9y:2+23:r993180b1770780r2289180b3066780r3585180b4362780r4881180b5658780r6177180f 47g4y:6:r3885352
56r8y:26:r9169738f 65g3y:2:r9445935n 74g7y:29: ; 0206 9 1 a4h 20g2y*:7:r16471845 29g6y:11:r9358993f 38h0y:3:r6428873n
47g5y:25:r5541117f 56r9y:11:r2529062 65g4y:3:r1978565f ; 0211 16 2 a4h 20k3y*:20:r2123255f 29s7y:0:r4293378f
38k2y:24:r16648793f 47k6y:8:r1069392b1846992r2365392b3142992r3661392b4438992r4957392b5734992r6253392b7030992r7549392f
56g0y:0:r1793423f 65g5y:28:r3192160 ; 0216 3 3 a12h 20r4y*:9:r4314945f 29h8y:22:r7588583 38m3y:5:r1973460f
47g7y:9:r965461f 56p2y:27:r1301449f 65s6y:5: ; 0219 10 4 - ; 0303 17 5 a4h 20r8y*:7:r4228720f 29w2y:10:r1639371f
38r5y:1:r6885381f 47m8y:4:r12538018 56g2y:7:r4703399n 65h5y:10:r2478939f 74r8y:1: ; 0306 4 0 a12h 20k9y*:8:
29h1y:11+31: 38p6y:2:r4349456 47g9y:5:r8057433f 56r3y:8:r755606 65g6y:11:r718748 ; 0311 11 1 a4h 20w0y*:30:r9455645
29g4y:32:r6460911 38r7y:33:r905614f 47h0y:34:r17210827f 56k4y:35:r1370117f 65s7y:36:r736805f ; 0316 18 2 d4 ; 0319 5 3
d12 ; 0402 12 4 a4h 20s9y*:2:r5459938f 29s4y:6:r226521f 38p8n:10:r376372f 47p3n:42:r11308493f 56r7n:6:r4434405
65g2n:10:r19982582 ; 0407 19 5 a4h 20g0y*:37:r6436674f 29r5y:7:r8480611f 38g9n:41:r4718104f 47p4n:3: 56h8n:7:
65r3n:45:r609172 ; 0410 6 0 a12h 20p2y*:4:r9588070f 29p6n:39+40:r2029910f 38g0n:0:r1602324 47r5n:4: 56h1n:44:
65h1n:0:r6337499f ; 0415 13 1 a4h 20p3y*:38:r2012574f 29r7n:9:r2881364f 38p2n:1:r1053848n 47r6n:43:r3305488
56g0n:9:r1648087f 65k5n:46:r11724155f ; 0420 0 2 - ; 0504 7 3 a12h 20h6n*:2:r2180089f 29r0n:6: 38r5n:50:r1327181f
47g9n:2:r3139193 56g4n:6:r6694110f 65k8n:10: 74h1n:2+56:r462899 ; 0507 14 4 a4h 20s7n*:3: 29k2n:49:r197274f
38k6n:11:r2753672f 47r0n:3:r2100152f 56s5n:53:r341621 65g9n:11:r2533214f ; 0512 1 5 a4h 20r8n*:47:r6688478f
29p3n:8:r1677669f 38w7n:0:r6998603f 47w2n:52:r12719434 56p6n:8:r1603428f 65h0n:55: ; 0515 8 0 a12h
20g9n*:5+48:r9201793f 29h4n:9:r4204934f 38h8n:51:r3957160f 47h3n:5: 56s7n:54:r9483374f 65r2n:1:r11052204f ; 0520 15 1
a4p25 ; 0602 2 2 a4h 20s4n*:57:r1491047f 29h1n:58: 38g0n:59:r3785749f 47k4n:60:r14104501f 56h1n:61:r95900n
65h1n:62:r7215290f ; 0605 9 3 a12h 20g5n*:4:r6446882 29p8n:7: 38g2n:10:r10434063f 47g5n:1:r3207598 56r8n:4:r1976431f
65m2n:7: ; 0610 16 4 a4h 20w6n*:5:r1944349f 29k9n:8:r2688718 38r3n:11:r1485130f 47g6n:2:r158269f 56h1n:5:
65r3n:63:r9640039f ; 0615 3 5 d4 ; 0618 10 0 a12p25 ; 0702 17 1 a4h 20w4n*:9:r383419f 29h6n:64+65:r9859497f
38h8n:1:r5240888f 47g0n:3: 56m3n:67:r6837584f 65k5n:7: ; 0707 4 2 a4h 20m5n*:10:r732055f 29g7n:0:r2974636f
38h9n:66:r1487861 47r2n:4:r4431363 56r4n:6: 65p6n:68:r2049193f ; 0710 11 3 - ; 0715 18 4 t4 ; 0720 5 5 - ; 0804 12 0
a12h 20g7n*:9:r1214803f 29h9n:69: 38g2n:1:r2267741 47g4n:3: 56g6n:5: 65r8n:72:r1097367f 74s0n:9: ; 0807 19 1 a4h
20p8n*:10:r3660963f 29r0n:0:r2021531f 38r3n:70:r10913322f 47s5n:71:r2660819n 56h1n:6:r1880844 65h9n:8+73:r7290465f ;
0812 6 2 d4 ; 0817 13 3 a12p25 ; 0820 0 4 t4 ; 0902 7 5 a4h 20h2n*:74:r2179716f 29m6n:2: 38r0n:6: 47g5n:78:r4811948f
56h1n:2: 65r4n:82:r4094992f 74r8n:10: ; 0907 14 0 a4h 20h1n*:11: 29g7n:3:r965792 38p2n:77:r1102034 47g6n:11:r960513f
56r0n:80: 65g5n:7:r2532341 ; 0910 1 1 a4h 20h4n*:0:r6614638f 29g8n:76:r6562283f 38r3n:8: 47g7n:79:r4908948f 56h2n:4:
65k6n:8:r80835 ; 0915 8 2 a4h 20h5n*:75:r799930f 29g9n:5:r3785993 38g4n:9:r214429f 47p8n:1:r7309451f 56r3n:5+81:
65g7n:83:r1149571f ; 0918 15 3 d4 ; 1002 2 4 a4h 20g9n*:11:r609041f 29g4n:85: 38p8n:7: 47k3n:88:r582196f
56h7n:3:r2040015 65k2n:7:r5308191f ; 1007 9 5 a4h 20h0n*:84:r4040381f 29k5n:4:r4486931f 38k9n:8: 47h4n:0:r551709f
56g8n:4:r5410157f 65p3n:92: ; 1012 16 0 a4h 20h2n*:1: 29p6n:5:r805786 38g0n:87: 47h1n:1:r4067138f 56m9n:91: 65g4n:9: ;
1015 3 1 a4h 20h1n*:2: 29s7n:86: 38g2n:10:r3424268 47m6n:89+90:r1769922f 56h0n:6:r1017363f 65g5n:10:r1182904f ; 1020
10 2 t4 ; 1103 17 3 a4h 20h1n*:93: 29h1n:4:r3772084f 38h7n:9: 47r3n:2: 56h8n:101: 65w4n:0: 74g9n:5: ; 1106 4 4 a4h
20g7n*:0: 29r3n:95:r3158322f 38g8n:97: 47h1n:3:r1287868f 56g9n:8:r829440 65g5n:103:r2507973 ; 1111 11 5 a4h 20h8n*:1:
29g4n:6: 38g9n:11+98:r1208908n 47g5n:100:r926230n 56h0n:9:r1153874f 65s6n:2:r3321466 ; 1116 18 0 a4h 20g9n*:94:
29s5n:96: 38r0n:0: 47m6n:5:r2295146 56m2n:102: 65m7n:104:r2473958f ; 1119 5 1 a4h 20g0n*:3:r2548663n 29h6n:8:r2262253f
38h1n:99: 47g7n:6:r1457626f 56k3n:11: 65g8n:4: ; 1202 12 2 a4h 20r0n*:105: 29g4n:107: 38p7n:108: 47g0n:109:
56g4n:110:r1360035f 65g7n:111:r49525 ; 1207 19 3 a4h 20h2n*:7:r1366512 29g5n:10: 38g8n:1: 47k2n:4: 56r5n:7: 65k8n:10:
; 1210 6 4 a4h 20m3n*:8+106: 29p6n:11: 38g9n:2: 47h1n:5: 56g6n:8: 65r9n:11: ; 1215 13 5 a4p25 ; 1218 0 0 d4
"""
"""Month and day, manager, team, steps; then its issues: minutes, kind, department, known before (y, n), sponsored (*);
who; resolved, back, fixed, not fixed."""
