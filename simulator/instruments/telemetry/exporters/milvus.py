"""Milvus, deployments/monitor/grafana/README.md: its proxy's view; latencies in milliseconds."""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

_SEARCH = "Search"


def _done(status: str) -> tuple[tuple[str, str], ...]:
    return (("function_name", _SEARCH), ("status", status))


MILVUS = Exporter(
    [
        Metric("milvus_proxy_search_vectors_count", R.COMPLETED),
        Metric("milvus_proxy_dql_req_count", R.ARRIVED, 1.0, _done("total")),
        Metric("milvus_proxy_dql_req_count", R.COMPLETED, 1.0, _done("success")),
        Metric("milvus_proxy_dql_req_count", R.FAILED, 1.0, _done("fail")),
        Metric("milvus_proxy_dql_req_count", R.REJECTED, 1.0, _done("rejected")),
    ],
    [Histogram("milvus_proxy_sq_latency", H.RESPONSE, 1e3, R.RESPONSE_NS, 1e-6)],
)
