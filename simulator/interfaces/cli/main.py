"""The `brownout` command: which commands there are, and what becomes of every error.

A command is a module of its name beside this one, holding `command`; it is imported only when it
is called, and imports what is heavy only inside its functions. Exit codes: 0 done · 1 our bug ·
2 wrong usage · 3 invalid input file · 4 pass marks not met · 130 interrupted.
"""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from functools import partial
from types import TracebackType

import click

from simulator import __version__
from simulator.errors import BrownoutError, InvalidInput, InvariantViolated, suggestion

# pydantic would otherwise read the metadata of every installed package to look for plugins.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

EXIT_USAGE = 2
EXIT_INVALID = 3
EXIT_INTERRUPTED = 130

COMMANDS: dict[str, dict[str, str]] = {
    "Fly": {
        "play": "A drill with you in the seat.",
        "run": "Run a drill with a runbook, or nobody, in the seat.",
        "resume": "Go on with a drill that was left or killed.",
    },
    "Look back": {
        "report": "The post-mortem of a run.",
        "replay": "A run once more, as it was.",
        "runs": "Runs so far: list them, prune them.",
        "dashboard": "A run's panels, drawn in the terminal.",
        "traces": "Requests of a run that were traced.",
        "trace": "One of them, drawn as a waterfall.",
        "export": "A run for Prometheus, Grafana and jq.",
    },
    "Look": {
        "list": "Scenarios you can play.",
        "show": "What a responder is told, and the system.",
        "kinds": "Faults, components, actions ... and their fields.",
        "hardware": "Model servers whose timings are known.",
        "workload": "What a trace's or a scenario's arrivals are like.",
    },
    "Judge": {
        "check": "Pass marks, for continuous integration.",
        "compare": "Autoscaling policies on the same requests.",
        "alerts": "How good alert rules are.",
        "serve-trace": "Requests from a file, on one model server.",
    },
    "Write": {
        "new": "Start a scenario of your own.",
        "validate": "Find every mistake in files.",
        "schema": "JSON Schema for your editor.",
        "rules": "Check Prometheus rule files, run their unit tests.",
        "promql": "Run test scripts of queries.",
        "routes": "Who an Alertmanager configuration tells.",
        "slo": "The rules made from a scenario's objectives.",
    },
    "Set up": {
        "warm": "Compile the simulator ahead of the first drill.",
        "completion": "Let your shell complete names.",
    },
}
"""Section to command to its line in the help; a test keeps the lines as the commands say them."""

_WELCOME = """\
Brownout: practise keeping an AI system up, on one that breaks on purpose.

  brownout play tuesday-slow-answers            you are on call
  brownout run tuesday-slow-answers --runbook long-contexts

brownout list shows every drill, brownout --help every command.
"""


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  as click calls it
        return [name for section in COMMANDS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"simulator.interfaces.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        known = self.list_commands(ctx)
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"no command {name!r}{suggestion(name, known)}")
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  as click calls it
        formatter: click.HelpFormatter,
    ) -> None:
        for section, commands in COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="brownout %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_context
def cli(context: click.Context, debug: bool) -> None:  # noqa: ARG001, FBT001  read from argv
    """Practise keeping an AI system up, on one that breaks on purpose.

    Exit codes: 0 done, 1 our bug, 2 wrong usage, 3 invalid input file, 4 pass marks not met,
    130 interrupted.
    """
    if context.invoked_subcommand is None:
        click.echo(_WELCOME, nl=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    given = sys.argv[1:] if arguments is None else arguments
    # What nothing expects reaches this hook, after which Python exits with 1.
    sys.excepthook = partial(_report_bug, given)
    # Importing makes a million objects that all stay: looking among them for garbage is a sixth of
    # the time it takes.
    gc.set_threshold(50_000, 20, 100)
    sys.exit(run(given))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; expected errors become messages, what is returned is the exit code."""
    try:
        return _called([argument for argument in arguments if argument != "--debug"])
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has had enough; Python must not flush into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _report_bug(
    arguments: Sequence[str],
    _: type[BaseException],
    error: BaseException,
    __: TracebackType | None,
) -> None:
    from simulator.interfaces.cli.bugs import report  # noqa: PLC0415  only when it is needed

    report(error, arguments, shows_traceback="--debug" in arguments)


def _called(arguments: list[str]) -> int:
    try:
        code = cli.main(arguments, prog_name="brownout", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except InvalidInput as error:
        from simulator.interfaces.cli.mistakes import text  # noqa: PLC0415  only when it is needed

        click.echo(text(error.mistakes, ending="Nothing was run."), err=True)
        return EXIT_INVALID
    except BrownoutError as error:
        if isinstance(error, InvariantViolated):
            raise
        click.echo(f"brownout: {error}", err=True)
        return EXIT_USAGE
    return code if isinstance(code, int) else 0
