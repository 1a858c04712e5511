"""What our own panels are made of: label matchers, quantiles, the panel all model servers have."""

from simulator.instruments.dashboards.panels import Drawing, Panel, Target

COMPONENT = "$component"


def quantiles(metric: str, matchers: str) -> tuple[Target, ...]:
    """Write the p50 and p99 of a histogram."""
    rates = f"sum by (le) (rate({metric}_bucket{{{matchers}}}[1m]))"
    return tuple(
        Target(f"histogram_quantile({q}, {rates})", name)
        for q, name in (("0.5", "p50"), ("0.99", "p99"))
    )


def one(expr: str, legend: str = "") -> tuple[Target, ...]:
    """Ask one query."""
    return (Target(expr, legend),)


JOB = f'job="{COMPONENT}"'
CONTAINER = f'container="{COMPONENT}"'
CLUSTER = f'envoy_cluster_name="{COMPONENT}"'
GPU = Panel(
    "GPU utilization",
    Drawing.GAUGE,
    one(f"avg by (pod) (DCGM_FI_DEV_GPU_UTIL{{{CONTAINER}}})", "{{pod}}"),
    "percent",
    0.0,
    100.0,
)
