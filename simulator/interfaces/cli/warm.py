"""`brownout warm`: compile the simulator ahead of the first drill."""

import click

_TINY = """\
schema: 1
title: A minute of nothing
brief: Nobody is on call.
warm_up: 0s
lasts: 10s
classes: {ask: {arrives_at: web}}
workload: [{class: ask, poisson: 5/s}]
components:
  web: {kind: workers, workers: 4, handles: {ask: [{work: 5ms}]}}
"""


@click.command("warm", short_help="Compile the simulator ahead of the first drill.")
def command() -> None:
    """Compile the simulator, which the first drill would otherwise wait for.

    Takes about a minute once, and nothing after that. Prints where compiled code is kept.
    """
    from simulator.drill.run import run  # noqa: PLC0415  heavy for --help
    from simulator.interfaces.screen import Screen  # noqa: PLC0415  the same
    from simulator.interfaces.warming import compiled_in, warn_of_compiling  # noqa: PLC0415  same
    from simulator.scenario.reader import build  # noqa: PLC0415  the same
    from simulator.scenario.source import Source  # noqa: PLC0415  the same

    screen = Screen()
    warn_of_compiling(screen)
    run(build(Source("warm", _TINY)))
    screen.say(compiled_in())
