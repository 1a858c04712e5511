"""Every firing of every alert against the strike of the fault, as a picture.

A row per alert, time across. A filled dot had something to fire for; a ring did not: it fired
before the strike, or on a healthy day. The SVG stands alone and follows the reader's theme.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from simulator.evaluation.alert_quality import Firing, Quality, RuleQuality
from simulator.evaluation.picture import Axis, round_step

WIDTH, ROW, TOP, LEFT, RIGHT = 860.0, 26.0, 92.0, 240.0, 830.0
RADIUS, TICKS, NAME_MAX = 4.5, 6, 30

_STYLE = """\
svg { --paper: #ffffff; --ink: #1d2733; --quiet: #5b6773; --grid: #dde2e7; --mark: #0b5cad;
  --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #14191f; --ink: #e8edf2; --quiet: #9aa7b4; --grid: #2c3640; --mark: #6cb6ff;
    --bad: #ff8a80; }
}
.paper { fill: var(--paper); } .grid { stroke: var(--grid); } .strike { stroke: var(--ink); }
text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.title { font-size: 16px; font-weight: 600; } .quiet { fill: var(--quiet); font-size: 12px; }
.right { fill: var(--mark); fill-opacity: 0.75; }
.wrong { fill: none; stroke: var(--bad); stroke-width: 1.6; }"""


def alert_picture(quality: Quality) -> str:
    """Draw a verdict as SVG text."""
    rules = sorted(quality.rules, key=_order)
    tall = TOP + ROW * max(len(rules), 1) + 56
    across = _axis([firing for rule in rules for firing in rule.when])
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {tall:g}" '
            f'width="{WIDTH:g}" height="{tall:g}" role="img">'
        ),
        "<title>When alerts fired</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{WIDTH:g}" height="{tall:g}"/>',
        _text(16, 28, "When alerts fired, from the strike of the fault", "title"),
        _text(
            16,
            50,
            f"{quality.fault_runs} runs with a fault, {quality.healthy_runs} without; a filled dot "
            "had something to fire for, a ring had not",
            "quiet",
        ),
        *_grid(across, TOP + ROW * max(len(rules), 1)),
        *(line for place, rule in enumerate(rules) for line in _row(rule, place, across)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _order(rule: RuleQuality) -> tuple[float, str]:
    """Soonest first; those that never caught anything last."""
    right = [firing.at_s for firing in rule.when if firing.is_right]
    return (min(right, default=float("inf")), rule.name)


def _axis(firings: list[Firing]) -> Axis:
    minutes = [firing.at_s / 60 for firing in firings] or [0.0]
    low, high = min(0.0, *minutes), max(1.0, *minutes)
    room = 0.04 * (high - low)
    return Axis(low - room, high + room, LEFT, RIGHT)


def _grid(across: Axis, bottom: float) -> Iterator[str]:
    step = round_step((across.high - across.low) / TICKS)
    first = int(across.low // step) + 1
    last = int(across.high // step)
    for number in range(first, last + 1):
        x = across.at(number * step)
        yield _line(x, TOP - 10, x, bottom, "grid")
        yield _text(x, bottom + 18, f"{number * step:g}", "quiet", "middle")
    strike = across.at(0.0)
    yield _line(strike, TOP - 18, strike, bottom, "strike")
    yield _text(strike, TOP - 22, "strike", "quiet", "middle")
    yield _text((LEFT + RIGHT) / 2, bottom + 42, "minutes", "quiet", "middle")


def _row(rule: RuleQuality, place: int, across: Axis) -> Iterator[str]:
    y = TOP + ROW * (place + 0.5)
    name = rule.name if len(rule.name) <= NAME_MAX else f"{rule.name[: NAME_MAX - 1]}…"
    yield _text(LEFT - 14, y + 4, name, "quiet" if rule.dead else "", "end")
    yield _line(LEFT, y, RIGHT, y, "grid")
    if rule.dead:
        yield _text(LEFT + 6, y - 3, f"never fired: {rule.dead}"[:88], "quiet")
    for firing in rule.when:
        kind = "right" if firing.is_right else "wrong"
        x = across.at(firing.at_s / 60)
        yield f'<circle class="{kind}" cx="{x:.2f}" cy="{y:.2f}" r="{RADIUS:g}"/>'


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"/>'
