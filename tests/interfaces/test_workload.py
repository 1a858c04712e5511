"""`brownout workload describe`: a file or a scenario, in words or as data."""

import json
from pathlib import Path

from tests.interfaces.brownout import Brownout

PLAIN = "time,class,input_tokens,output_tokens\n" + "".join(
    f"{second},chat,100,{10 + second % 7}\n" for second in range(0, 300, 2)
)


def test_a_trace_is_described(brownout: Brownout, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(PLAIN)

    done = brownout("workload", "describe", "t.csv")

    assert done.code == 0
    assert "150 requests in 4m58s: 0.50/s, at most 0.5/s over 10 s" in done.out
    assert "input tokens: mean 100, p50 100, p90 100, p99 100" in done.out


def test_a_scenario_is_described_by_class(brownout: Brownout) -> None:
    done = brownout("workload", "describe", "coffee-break", "--format", "json")

    described = json.loads(done.out)
    assert described["schema_version"] == 1
    assert all(one["rate"] > 0 for one in described["arrivals"].values() if one)


def test_a_wrong_trace_is_told_with_its_place(brownout: Brownout, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("time,class\n0,a\nx,a\n")

    done = brownout("workload", "describe", "t.csv")

    assert done.code == 3
    assert "t.csv:3:1: time must be a number" in done.err
