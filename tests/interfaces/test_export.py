import json
from pathlib import Path

import pytest
import yaml

from tests.interfaces.brownout import BUSY, Brownout

pytestmark = pytest.mark.xdist_group("busy")


def test_a_run_is_handed_over_in_every_form(brownout: Brownout, tmp_path: Path) -> None:
    ended = brownout("run", BUSY, "--responder", "none", "--no-grade")
    assert ended.code == 0

    done = brownout("export", "1", "--to", "there")

    assert done.code == 0
    there = tmp_path / "there"
    assert sorted(done.out.split()) == sorted(
        str(path.relative_to(tmp_path)) for path in there.rglob("*") if path.is_file()
    )
    metrics = (there / "metrics.om").read_text().splitlines()
    assert metrics[-1] == "# EOF"
    assert any(line.startswith("http_requests_total{") for line in metrics)
    logs = [json.loads(line) for line in (there / "logs.jsonl").read_text().splitlines()]
    assert all(entry["message"] and entry["time"] for entry in logs)
    compose = yaml.safe_load((there / "compose.yaml").read_text())
    assert sorted(compose["services"]) == [
        "backfill",
        "collector",
        "grafana",
        "jaeger",
        "prometheus",
    ]
    (reader,) = yaml.safe_load((there / "collector.yaml").read_text())["receivers"].values()
    assert [Path(name).name for name in reader["include"]] == ["traces.otlp.jsonl"]
    spans = [json.loads(line) for line in (there / "traces.otlp.jsonl").read_text().splitlines()]
    assert all(line["resourceSpans"] for line in spans)


def test_one_form_alone_is_written_when_asked(brownout: Brownout) -> None:
    brownout("run", BUSY, "--responder", "none", "--no-grade")

    done = brownout("export", "1", "--openmetrics")

    assert [Path(line).name for line in done.out.split()] == ["metrics.om"]


def test_a_run_that_has_not_ended_is_refused(brownout: Brownout, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "0001-x"
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_text("")

    done = brownout("export", "1")

    assert done.code == 2
    assert "has not ended" in done.err


def test_a_run_is_drawn_as_it_stood(brownout: Brownout) -> None:
    brownout("run", BUSY, "--responder", "none", "--no-grade")

    done = brownout("dashboard", "1", "--at", "1m", "--since", "1m", "--width", "80")

    assert done.code == 0
    assert done.out.startswith("Users\n=====\n")
    assert "Requests by status [reqps]" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines() if "┤" in line)


def test_panels_of_a_file_are_drawn_over_the_range_that_is_shown(
    brownout: Brownout, tmp_path: Path
) -> None:
    brownout("run", BUSY, "--responder", "none", "--no-grade")
    panel = {"type": "stat", "title": "t", "targets": [{"expr": "vector($__range_s)"}]}
    file = tmp_path / "board.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({"panels": [panel]}).encode())

    done = brownout("dashboard", "1", "--at", "1m", "--since", "30s", "--file", str(file))
    file.write_bytes(b"\xff\xfe")
    refused = brownout("dashboard", "1", "--file", str(file))

    assert (done.code, refused.code) == (0, 3)
    assert "30  vector(30)" in done.out
    assert "board.json:1:1: this is not UTF-8 text" in refused.err


def test_traces_of_a_run_are_listed_and_one_of_them_is_drawn(brownout: Brownout) -> None:
    brownout("run", BUSY, "--responder", "none", "--no-grade")

    listed = brownout("traces", "1", "--json")
    newest = json.loads(listed.out.splitlines()[-1])
    drawn = brownout("trace", "1", newest["trace_id"])

    assert (listed.code, drawn.code) == (0, 0)
    assert drawn.out.startswith(f"trace {newest['trace_id']}  {newest['route']}")
    lines = drawn.out.splitlines()
    assert len(lines) == newest["spans"] + 4
    assert lines[-1].startswith("exemplar of http_request_duration_seconds_bucket{")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["traces", "1", "nobody"], "no component 'nobody'"),
        (["traces", "1", "--since", "5"], "since"),
        (["trace", "1", "zzzz"], "no trace 'zzzz'"),
    ],
)
def test_traces_that_cannot_be_meant_are_refused(
    brownout: Brownout, words: list[str], said: str
) -> None:
    brownout("run", BUSY, "--responder", "none", "--no-grade")

    done = brownout(*words)

    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody"], "no dashboard 'nobody'"),
        (["--since", "5"], "--since"),
        (["--var", "x"], "NAME=VALUE"),
        (["--file", "nowhere.json"], "'nowhere.json' does not exist"),
        (["--file", "."], "is a directory"),
    ],
)
def test_a_dashboard_that_is_not_there_is_refused(
    brownout: Brownout, words: list[str], said: str
) -> None:
    brownout("run", BUSY, "--responder", "none", "--no-grade")

    done = brownout("dashboard", "1", *words)

    assert done.code == 2
    assert said in done.err
