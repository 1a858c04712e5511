from pathlib import Path

import pytest
import yaml

from simulator.plant import hardware
from tests.interfaces.brownout import ROOT, Brownout

REQUESTS = "arrival_s,input_tokens,output_tokens\n0,100,10\n0.1,200,1\n"
NAME = "llama-3.1-8b/h100/tp1/bf16"


@pytest.fixture
def requests(tmp_path: Path) -> str:
    (tmp_path / "r.csv").write_text(REQUESTS)
    return "r.csv"


def test_requests_are_served_and_written(brownout: Brownout, requests: str, tmp_path: Path) -> None:
    done = brownout("serve-trace", requests, "--hardware", NAME, "--out", "out.csv")

    assert done.code == 0
    assert done.out.startswith("2 requests served")
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert rows[0] == "id,arrival_s,queued_s,ttft_s,tpot_s,e2e_s,preemptions,cached_tokens"
    assert [row.split(",")[0] for row in rows[1:]] == ["0", "1"]


def test_a_printed_row_serves_as_the_name_does(
    brownout: Brownout, requests: str, tmp_path: Path
) -> None:
    (tmp_path / "row.yaml").write_text(brownout("hardware", NAME).out)

    brownout("serve-trace", requests, "--hardware", NAME, "--out", "a.csv")
    brownout("serve-trace", requests, "--hardware", "row.yaml", "--out", "b.csv")

    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_the_example_in_the_docs_is_a_row(
    brownout: Brownout, requests: str, tmp_path: Path
) -> None:
    text = (ROOT / "docs/serve-trace.md").read_text().split("```yaml\n")[1].split("```")[0]
    (tmp_path / "row.yaml").write_text(text)

    done = brownout("serve-trace", requests, "--hardware", "row.yaml", "--out", "out.csv")

    assert done.code == 0
    assert yaml.safe_load(text)["gpus"] == 2


def test_options_win_over_the_row(brownout: Brownout, requests: str) -> None:
    words = ("serve-trace", requests, "--hardware", NAME, "--out", "out.csv", "--kv-tokens")

    done = brownout(*words, "150")

    assert done.code == 0
    assert "1 refused" in done.out
    assert "request 1 was refused: longer than 150 tokens" in done.err


def test_mistakes_in_both_files_are_told_at_once(
    brownout: Brownout, requests: str, tmp_path: Path
) -> None:
    (tmp_path / "r.csv").write_text(REQUESTS + "x,1,1\n")
    (tmp_path / "row.yaml").write_text("w_ms: -1\nfoo: 2\n")

    done = brownout("serve-trace", requests, "--hardware", "row.yaml", "--out", "out.csv")

    assert done.code == 3
    assert "row.yaml:1:7: w_ms: should be greater than 0, not -1" in done.err
    assert "row.yaml:2:1: unknown field 'foo'" in done.err
    assert "r.csv:4:1: arrival_s must be seconds" in done.err
    assert not (tmp_path / "out.csv").exists()


def test_a_wrong_name_names_the_nearest(brownout: Brownout, requests: str) -> None:
    done = brownout("serve-trace", requests, "--hardware", f"{NAME}x", "--out", "out.csv")

    assert done.code == 2
    assert f"did you mean '{NAME}'" in done.err


def test_every_known_server_is_listed(brownout: Brownout) -> None:
    lines = brownout("hardware").out.splitlines()

    assert [line.split()[0] for line in lines[1:]] == list(hardware.names())
