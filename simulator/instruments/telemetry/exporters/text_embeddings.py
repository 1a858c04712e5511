"""text-embeddings-inference, docs/source/en/metrics and core/src/queue.rs.

Of its histograms of batches only sum and count are kept. Padding and verdicts are under names of
our own: no server counts them.
"""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric, label
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

TEXT_EMBEDDINGS = Exporter(
    [
        Metric("te_request_count", R.ARRIVED),
        Metric("te_request_success", R.COMPLETED),
        Metric("te_request_failure", R.FAILED),
        Metric("te_queue_size", R.QUEUED),
        Metric("te_batch_next_size_sum", R.FINISHED_PROMPT_TOKENS),
        Metric("te_batch_next_size_count", R.STEPS),
        Metric("te_batch_next_tokens_sum", R.PROMPT_TOKENS),
        Metric("te_batch_next_tokens_count", R.STEPS),
        Metric("te_request_queue_duration_sum", R.WAIT_NS, 1e-9),
        Metric("te_request_queue_duration_count", R.STARTED),
        Metric("batch_padding_tokens_total", R.GENERATION_TOKENS),
    ],
    [Histogram("te_request_duration", H.RESPONSE, 1.0, R.RESPONSE_NS)],
)

GUARDRAIL = Exporter(
    [
        *TEXT_EMBEDDINGS.metrics,
        Metric("guardrail_verdicts_total", R.HITS, 1.0, label("verdict", "blocked")),
        Metric("guardrail_verdicts_total", R.MISSES, 1.0, label("verdict", "passed")),
    ],
    TEXT_EMBEDDINGS.histograms,
)
