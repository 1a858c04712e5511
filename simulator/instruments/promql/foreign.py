"""Other languages that stand where PromQL is expected, told by words that only they have."""

import re

_TEMPLATE, _LOGS = "looks like a template: render it first, as Helm does", "looks like Loki's LogQL"
_GRAFANA = "has a variable of Grafana's, which only a dashboard fills in"
_VICTORIA = "looks like MetricsQL, which only VictoriaMetrics reads"
_TEXTS = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)""")
_SIGNS = (
    (re.compile(r"\{\{"), _TEMPLATE),
    (re.compile(r"\$\{?[A-Za-z_]|\[\[[A-Za-z_]"), _GRAFANA),
    (re.compile(r"\|\s*(?:[=~>]|json\b|logfmt\b|unwrap\b|pattern\b|regexp\b|\w+_format\b)"), _LOGS),
    (
        re.compile(
            r"\bkeep_metric_names\b|\bdefault\s+[\w(]|\)\s*if(?:not)?\s|\bWITH\s*\(|"
            r"\b(?:histogram_share|histogram_quantiles|prometheus_buckets|rollup\w*|median_over_time|"
            r"increase_pure|rate_over_sum|range_\w+|running_\w+|label_(?:set|del|keep|copy|move|map|"
            r"transform|value|match|mismatch)|buckets_limit|alias|union|remove_resets|interpolate|"
            r"share_(?:gt|le)_over_time|count_(?:gt|le|eq|ne)_over_time|topk_(?:avg|max|min|last)|"
            r"bottomk_(?:avg|max|min|last)|outliersk|limit_offset|zscore\w*|aggr_over_time)\s*\(",
            re.IGNORECASE,
        ),
        _VICTORIA,
    ),
)


def language(expr: str) -> str:
    """Say what an expression that is no PromQL looks like; empty when nothing tells."""
    bare = _TEXTS.sub('""', expr)
    for sign, name in _SIGNS:
        if sign.search(bare) or (name is _TEMPLATE and sign.search(expr)):
            return name
    return ""


def hint(expr: str) -> str:
    """Write that as the end of a message."""
    name = language(expr)
    return f" (it {name})" if name else ""
