"""Text Generation Inference, docs/source/reference/metrics.md; it has no time to first token."""

from simulator.instruments.telemetry.exporters.model import Exporter, Histogram, Metric, label
from simulator.plant.probes import ReplicaHistogram as H
from simulator.plant.probes import ReplicaProbe as R

TGI = Exporter(
    [
        Metric("tgi_queue_size", R.QUEUED),
        Metric("tgi_batch_current_size", R.RUNNING),
        Metric("tgi_request_count", R.ARRIVED),
        Metric("tgi_request_success", R.FINISHED_STOP),
        Metric("tgi_request_failure", R.REJECTED, 1.0, label("err", "overloaded")),
    ],
    [
        Histogram("tgi_request_duration", H.RESPONSE, 1.0, R.RESPONSE_NS),
        Histogram("tgi_request_queue_duration", H.QUEUE_TIME, 1.0, R.WAIT_NS),
        Histogram("tgi_request_mean_time_per_token_duration", H.INTER_TOKEN, 1.0, R.INTER_TOKEN_NS),
        Histogram("tgi_request_input_length", H.PROMPT_TOKENS, 1.0, R.FINISHED_PROMPT_TOKENS, 1.0),
        Histogram(
            "tgi_request_generated_tokens",
            H.GENERATION_TOKENS,
            1.0,
            R.FINISHED_GENERATION_TOKENS,
            1.0,
        ),
    ],
)
