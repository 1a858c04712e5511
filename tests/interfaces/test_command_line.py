"""The command line itself: its help, its exit codes, its lightness, and what becomes of errors."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from simulator import __version__
from simulator.interfaces.cli import main as module
from simulator.interfaces.cli.main import COMMANDS, cli, run
from tests.scenario.small import SMALL, TEXT

_ROOT = Path(__file__).parent.parent.parent
_HEAVY = re.compile(r"\|\s+(numpy|numba|simpy|networkx|rich|jinja2)(\.|$)", re.MULTILINE)


def test_brownout_alone_says_two_commands_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0

    said = capsys.readouterr().out
    assert len(said.splitlines()) == 6
    assert said.count("  brownout ") == 2


def test_every_command_is_there_and_says_what_the_help_says() -> None:
    context = click.Context(cli)

    for section in COMMANDS.values():
        for name, summary in section.items():
            command = cli.get_command(context, name)
            assert command is not None
            assert (command.name, command.get_short_help_str(200)) == (name, summary)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["lst"], "no command 'lst' (did you mean 'list'?)"),
        (["list", "--formt", "json"], "--format"),
        (["list", "--format", "xml"], "'xml' is not one of 'text', 'json'"),
        (["validate"], "Missing argument"),
        (["show", "tuesday-slow-answer"], "did you mean 'tuesday-slow-answers'?"),
        (["kinds", "fault"], "did you mean 'faults'?"),
        (["kinds", "faults", "slow_gp"], "did you mean 'slow_gpu'?"),
        (["new", "../evil"], "is no name for a scenario"),
    ],
)
def test_wrong_usage_is_exit_2_with_a_suggestion(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(arguments)

    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert expected in captured.err
    assert "Traceback" not in captured.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0

    assert capsys.readouterr().out == f"brownout {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_speaks_to_the_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0

    assert "_BROWNOUT_COMPLETE" in capsys.readouterr().out


def test_scenario_names_complete() -> None:
    found = _started(
        [], {"_BROWNOUT_COMPLETE": "bash_complete", "COMP_WORDS": "brownout show tues",
             "COMP_CWORD": "2"},
    )  # fmt: skip

    assert found.stdout == "plain,tuesday-slow-answers\n"


def test_our_own_mistake_is_a_short_message_and_a_file() -> None:
    program = (
        "import simulator.interfaces.cli.main as m; m._called = lambda _: 1 / 0; "
        "m.main(['--debug'] * {} + ['list'])"
    )

    quiet = subprocess.run(
        [sys.executable, "-c", program.format(0)], cwd=_ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    loud = subprocess.run(
        [sys.executable, "-c", program.format(1)], cwd=_ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert (quiet.returncode, quiet.stdout) == (1, "")
    assert "this is our bug, not yours: ZeroDivisionError: division by zero" in quiet.stderr
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    file = re.search(r"A report is in (\S+);", quiet.stderr)
    assert file is not None
    assert "command: brownout list" in Path(file[1]).read_text(encoding="utf-8")


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_called", interrupted)

    assert run(["list"]) == 130


def test_a_closed_pipe_is_no_error() -> None:
    command = [sys.executable, "-m", "simulator", "schema"]
    with subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()

    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [[], ["--help"], ["list"], ["validate", str(SMALL)], ["show", str(SMALL)], ["validate", "-h"]],
    ids=lambda arguments: " ".join(arguments[:1]) or "alone",
)
def test_reading_is_light(arguments: list[str]) -> None:
    found = _started(arguments, {}, ["-X", "importtime"])

    assert found.returncode == 0
    assert "simulator.interfaces.cli.main" in found.stderr
    assert _HEAVY.findall(found.stderr) == []


def test_colour_is_never_needed(tmp_path: Path) -> None:
    (tmp_path / "x.drill.yaml").write_text(TEXT.replace("lasts: 45m", "lasts: 45"))

    found = _started(["validate", str(tmp_path / "x.drill.yaml")], {"NO_COLOR": "1"})

    assert found.returncode == 3
    assert "\x1b" not in found.stdout + found.stderr


def _started(
    arguments: list[str], environment: dict[str, str], options: list[str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(options or []), "-m", "simulator", *arguments],
        cwd=_ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
