"""Objectives → a Prometheus rule file: error ratios, burn rates, budgets, alerts on their burn.

Series have the names that sloth gives them, so that its dashboards read them too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import yaml

from simulator.instruments.series.labels import go_float
from simulator.instruments.slo.windows import BurnWindow, burn_windows, duration_text

FILE = "objectives.rules.yaml"
"""What generated rules are said to come from."""

REMAINING = "slo:period_error_budget_remaining:ratio"
RATIO = "slo:sli_error:ratio_rate"
OBJECTIVE = "slo:objective:ratio"
CURRENT = "slo:current_burn_rate:ratio"
PERIOD_DAYS = "slo:time_period:days"
_DAY_MS = 86_400_000
_INTERVAL = "30s"

_Rule = dict[str, object]


@dataclass(frozen=True, slots=True)
class Slo:
    """One objective as its telemetry is asked: `below_s` is None where the status decides."""

    name: str
    route: str
    of: Literal["ttft", "e2e", "outcome"]
    below_s: float | None
    share: float
    window_ms: int


def rules_text(slos: Sequence[Slo]) -> str:
    """Write the rule file of some objectives."""
    groups = [group for slo in slos for group in _groups(slo)]
    return yaml.safe_dump({"groups": groups}, sort_keys=False, width=100, allow_unicode=True)


def error_ratio(slo: Slo, window_ms: int) -> str:
    """Write the share of bad requests over a window, in PromQL."""
    window, route = duration_text(window_ms), f'route="{slo.route}"'
    total = f"sum(rate(http_requests_total{{{route}}}[{window}]))"
    if slo.below_s is None:
        bad = f'{route},code!="200"'
        return f"(sum(rate(http_requests_total{{{bad}}}[{window}])) or vector(0)) / {total}"
    metric = {
        "ttft": "gen_ai_server_time_to_first_token_seconds_bucket",
        "e2e": "http_request_duration_seconds_bucket",
    }[slo.of]
    within = f'{route},le="{_bound(slo.below_s)}"'
    return f"1 - sum(rate({metric}{{{within}}}[{window}])) / {total}"


def _groups(slo: Slo) -> Iterator[dict[str, object]]:
    windows = burn_windows(slo.window_ms)
    spans = sorted({span for w in windows for span in (w.short_ms, w.long_ms)})
    labels = {"slo": slo.name, "route": slo.route}
    ratios = [
        _record(
            f"{RATIO}{duration_text(span)}", error_ratio(slo, span), labels, duration_text(span)
        )
        for span in [*spans, slo.window_ms]
    ]
    yield {"name": f"slo-{slo.name}-ratios", "interval": _INTERVAL, "rules": ratios}
    yield {
        "name": f"slo-{slo.name}-budget",
        "interval": _INTERVAL,
        "rules": list(_budget(slo, windows, labels)),
    }
    yield {
        "name": f"slo-{slo.name}-alerts",
        "interval": _INTERVAL,
        "rules": [_alert(slo, windows, severity) for severity in _severities(windows)],
    }


def _budget(slo: Slo, windows: Sequence[BurnWindow], labels: dict[str, str]) -> Iterator[_Rule]:
    allowed = go_float(round(1.0 - slo.share, 12))
    recent = f"{RATIO}{duration_text(windows[0].short_ms)}{_named(slo)}"
    period = f"{RATIO}{duration_text(slo.window_ms)}{_named(slo)}"
    yield _record(OBJECTIVE, f"vector({go_float(slo.share)})", labels)
    yield _record(PERIOD_DAYS, f"vector({go_float(slo.window_ms / _DAY_MS)})", labels)
    yield _record(CURRENT, f"{recent} / {allowed}", labels)
    yield _record(REMAINING, f"1 - {period} / {allowed}", labels)


def _alert(slo: Slo, windows: Sequence[BurnWindow], severity: str) -> _Rule:
    allowed = go_float(round(1.0 - slo.share, 12))
    conditions = [
        " and on (slo, route) ".join(
            f"{RATIO}{duration_text(span)}{_named(slo)} > {round(w.factor, 6):g} * {allowed}"
            for span in (w.short_ms, w.long_ms)
        )
        for w in windows
        if w.severity == severity
    ]
    # `on ()` keeps the sets apart from their window labels.
    joined = " or ".join(f"({each})" for each in conditions)
    budget = f"{REMAINING}{_named(slo)}".replace('"', "'")
    return {
        "alert": "ErrorBudgetBurn",
        "expr": f"max by (slo, route) ({joined})",
        "labels": {"severity": severity, "slo": slo.name},
        "annotations": {
            "summary": f"{slo.name} of {{{{ $labels.route }}}}: "
            f"{{{{ $value | humanizePercentage }}}} of requests miss it; "
            f'{{{{ with query "{budget}" }}}}'
            f"{{{{ . | first | value | humanizePercentage }}}} of the budget is left{{{{ end }}}}"
        },
    }


def _bound(seconds: float) -> str:
    """Write a bucket's bound as Prometheus 3 stores it: with a point."""
    text = go_float(seconds)
    return text if any(sign in text for sign in ".e") else f"{text}.0"


def _severities(windows: Sequence[BurnWindow]) -> list[str]:
    return list(dict.fromkeys(w.severity for w in windows))


def _named(slo: Slo) -> str:
    return f'{{slo="{slo.name}"}}'


def _record(name: str, expr: str, labels: dict[str, str], window: str = "") -> _Rule:
    more = {"window": window} if window else {}
    return {"record": name, "expr": expr, "labels": {**labels, **more}}
