"""The files that start Prometheus, Jaeger and Grafana on an exported run.

Kept beside the data they need, so that `docker compose up` in the export's folder is all.
"""

from pathlib import Path

import yaml

METRICS, LOGS, CHANGES = "metrics.om", "logs.jsonl", "changes.jsonl"
TRACES, LOG_RECORDS = "traces.otlp.jsonl", "logs.otlp.jsonl"
PROMETHEUS_IMAGE, GRAFANA_IMAGE = "prom/prometheus:v3.5.0", "grafana/grafana:12.1.0"
JAEGER_IMAGE = "jaegertracing/jaeger:2.10.0"
COLLECTOR_IMAGE = "otel/opentelemetry-collector-contrib:0.135.0"
_DASHBOARDS = Path(__file__).parent.parent / "dashboards/files"
_RETENTION = "--storage.tsdb.retention.time=100y"  # the default of 15 days deletes old blocks


def prometheus_config(rule_files: list[str]) -> str:
    """A configuration that scrapes nothing and knows the drill's rule files."""
    return _yaml({"global": {"evaluation_interval": "30s"}, "rule_files": rule_files})


def compose_file() -> str:
    """Backfill once, then Prometheus, Jaeger and Grafana on the loopback interface."""
    shared = ["data:/prometheus", "./:/export:ro"]
    backfill = f"tsdb create-blocks-from openmetrics /export/{METRICS} /prometheus"
    services = {
        "backfill": {
            "image": PROMETHEUS_IMAGE,
            "user": "root",
            "entrypoint": ["/bin/sh", "-c"],
            "command": [f"ls -d /prometheus/01* 2>/dev/null || promtool {backfill}"],
            "volumes": shared,
        },
        "prometheus": {
            "image": PROMETHEUS_IMAGE,
            "user": "root",
            "command": [
                "--config.file=/export/prometheus.yml",
                "--storage.tsdb.path=/prometheus",
                _RETENTION,
            ],
            "depends_on": {"backfill": {"condition": "service_completed_successfully"}},
            "ports": ["127.0.0.1:9090:9090"],
            "volumes": shared,
        },
        "jaeger": {"image": JAEGER_IMAGE, "ports": ["127.0.0.1:16686:16686"]},
        "collector": {
            "image": COLLECTOR_IMAGE,
            "command": ["--config=/export/collector.yaml"],
            "depends_on": ["jaeger"],
            "volumes": ["./:/export:ro"],
        },
        "grafana": {
            "image": GRAFANA_IMAGE,
            "environment": {
                "GF_AUTH_ANONYMOUS_ENABLED": "true",
                "GF_AUTH_ANONYMOUS_ORG_ROLE": "Admin",
            },
            "depends_on": ["prometheus", "jaeger"],
            "ports": ["127.0.0.1:3000:3000"],
            "volumes": [
                "./grafana/provisioning:/etc/grafana/provisioning:ro",
                "./grafana/dashboards:/var/lib/grafana/dashboards:ro",
            ],
        },
    }
    return _yaml({"services": services, "volumes": {"data": {}}})


def collector_config() -> str:
    """A collector that reads the exported traces from their file and sends them to Jaeger."""
    return _yaml(
        {
            "receivers": {
                "otlpjsonfile": {"include": [f"/export/{TRACES}"], "start_at": "beginning"}
            },
            "exporters": {"otlp": {"endpoint": "jaeger:4317", "tls": {"insecure": True}}},
            "service": {
                "pipelines": {"traces": {"receivers": ["otlpjsonfile"], "exporters": ["otlp"]}}
            },
        }
    )


def grafana_files() -> dict[str, str]:
    """The dashboards, and what makes Grafana load them and the data source, by path."""
    source = {
        "name": "Prometheus",
        "uid": "prometheus",
        "type": "prometheus",
        "access": "proxy",
        "url": "http://prometheus:9090",
        "isDefault": True,
    }
    traces = {
        "name": "Jaeger",
        "uid": "jaeger",
        "type": "jaeger",
        "access": "proxy",
        "url": "http://jaeger:16686",
    }
    folder = {
        "name": "brownout",
        "type": "file",
        "options": {"path": "/var/lib/grafana/dashboards"},
    }
    base = "grafana/provisioning"
    boards = {
        f"grafana/dashboards/{path.name}": path.read_text(encoding="utf-8").rstrip("\n")
        for path in sorted(_DASHBOARDS.glob("*.json"))
    }
    return {
        **boards,
        f"{base}/datasources/sources.yaml": _yaml(
            {"apiVersion": 1, "datasources": [source, traces]}
        ),
        f"{base}/dashboards/brownout.yaml": _yaml({"apiVersion": 1, "providers": [folder]}),
    }


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False)
