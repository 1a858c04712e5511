"""What every look has in common."""

from typing import ClassVar

from simulator.response.spoken import LOOK_NS, Spoken


class Look(Spoken):
    """A question to the instruments; the answer is what they would show."""

    takes_ns: ClassVar[int] = LOOK_NS
