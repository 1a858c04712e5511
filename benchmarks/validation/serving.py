"""Model servers: the batch that a load settles at, and the real run they were calibrated on."""

import dataclasses

import numpy as np

from benchmarks import calibration
from benchmarks.validation.rows import Curve, Law, Picture, Row
from simulator.evaluation.serving.replay import serve
from simulator.evaluation.serving.requests import Request
from simulator.plant import chance, hardware
from simulator.plant.spec import Distribution, Llm

A_MS, B_MS, OUTPUT = 10.0, 0.1, 200
LINEAR = Llm(
    w_ms=A_MS, s_us_per_token=B_MS * 1e3, p=1.0, c_ns_per_kv_token=0.0, q_ns_per_pair=0.0,
    head_ms=0.0, o_ms=0.0, r_us_per_sequence=0.0, m0_ms=0.0, m_us_per_token=0.0,
    kv_tokens=10_000_000, max_num_seqs=2048, request_overhead_ns=0,
)  # fmt: skip


def _poisson(rate: float, count: int, seed: int) -> np.ndarray:
    law = chance.law_table([Distribution("exponential", 1e9 / rate)])
    key = chance.mix(seed, 5)
    return np.cumsum([int(chance.draw(law, 0, chance.mix(key, i))) for i in range(count)]) / 1e9


def batch_size(scale: float) -> Law:
    """Time per token under load, where a step takes a + b per sequence."""
    rows = []
    loads = (10.0, 25.0, 40.0)
    for rate in loads:
        count = int(30_000 * min(scale, 1.0)) + 2000
        listed = [
            Request(str(i), float(at), 1, OUTPUT)
            for i, at in enumerate(_poisson(rate, count, int(rate)))
        ]
        served = serve(listed, LINEAR)[count // 5 : -count // 5]
        mean = float(np.mean([each.tpot_s for each in served])) * 1e3
        rows.append(Row(f"{rate:.0f} requests/s", _step_ms(rate), mean, allowed=0.03))
    line = [float(rate) for rate in range(1, 46)]
    return Law(
        "The batch a load settles at",
        f"A step of {A_MS:.0f} ms + {B_MS} ms per sequence, answers of {OUTPUT} tokens: the batch "
        "settles at lambda n a / (1 - lambda n b), so a token takes a / (1 - lambda n b).",
        "ms per token",
        tuple(rows),
        Picture(
            "batch",
            "requests per second",
            "ms per token",
            (
                Curve("theory", line, [_step_ms(rate) for rate in line]),
                Curve("plant", loads, [row.simulated for row in rows], is_line=False),
            ),
        ),
    )


def _step_ms(rate: float) -> float:
    return A_MS / (1 - rate * OUTPUT * B_MS / 1e3)


# Model output given in the design of this engine, for the lengths of the Azure conversation trace
# (mean 1155 in, 211 out): requests per second and about what to expect there.
PROMPT = (
    (0.0, 20.0), (0.05, 181.0), (0.25, 396.0), (0.5, 1020.0), (0.75, 1189.0), (0.9, 2734.5),
    (0.95, 4083.0), (0.99, 4142.0),
)  # fmt: skip
OUTPUTS = (
    (0.0, 7.0), (0.05, 41.0), (0.25, 85.0), (0.5, 129.0), (0.75, 395.0), (0.9, 424.0),
    (0.95, 451.0), (0.99, 601.0),
)  # fmt: skip
CURVE = "llama-3.1-8b/h100/tp1/bf16"


def capacity(scale: float) -> Law:
    """Latency against load of one 8B server on an H100: low load, the knee, and beyond it."""
    rows = []
    # The figures expected are those of a batch of 256.
    spec = dataclasses.replace(hardware.lookup(CURVE), max_num_seqs=256, request_overhead_ns=0)
    points = {}
    for rate in (1.0, 10.0, 20.0, 24.0, 28.0):
        count = int(6000 * min(scale, 1.0)) + 500
        served = serve(_conversations(rate, count), spec)[count // 5 :]
        ttft = np.array([each.ttft_s for each in served]) * 1e3
        tpot = np.array([each.tpot_s for each in served]) * 1e3
        points[rate] = (float(np.median(ttft)), float(np.median(tpot)))
    rows = [
        Row("time per token at 1/s", 7.6, points[1.0][1], allowed=0.25),
        Row("time per token at 20/s", 22.0, points[20.0][1], allowed=0.25),
        Row("first token at 1/s", 24.0, points[1.0][0], allowed=0.25),
    ]
    return Law(
        "Capacity of a model server",
        f"{CURVE} under Poisson arrivals with lengths of the Azure conversation trace; "
        "expected are the engine's own design figures, not "
        "measurements.",
        "ms, median",
        tuple(rows),
        Picture(
            "capacity",
            "requests per second",
            "ms per token, median",
            (Curve("plant", list(points), [tpot for _, tpot in points.values()]),),
        ),
    )


def _conversations(rate: float, count: int) -> list[Request]:
    # AzurePublicDataset's conversation trace of 2023-11 (Patel et al., Splitwise, ISCA 2024).
    prompt = Distribution("quantiles", points=PROMPT)
    output = Distribution("quantiles", points=OUTPUTS)
    table, key = chance.law_table([prompt, output]), chance.mix(int(rate), 8)
    return [
        Request(
            str(i),
            float(at),
            max(int(chance.draw(table, 0, chance.mix(key, 2 * i))), 1),
            max(int(chance.draw(table, 1, chance.mix(key, 2 * i + 1))), 1),
        )
        for i, at in enumerate(_poisson(rate, count, int(rate) + 50))
    ]


def real_run(_scale: float) -> Law | None:
    """Errors on the calibration run; None without its data."""
    if not calibration.RUN.exists():
        return None
    errors = calibration.compared(calibration.RUN, calibration.SERVER)
    rows = (
        Row("time per output token", 0.0, errors.tpot, 0.10),
        Row("end to end", 0.0, errors.e2e, 0.10),
        Row("first token, real one under 1 s", 0.0, errors.ttft_unsaturated, 0.20),
        Row("first token, real one over 1 s", 0.0, errors.ttft_saturated, 0.30),
    )
    return Law(
        "A real vLLM run",
        "Median absolute error, as a share, over 300 requests of a real server (vLLM 0.19, "
        "Qwen3-32B on two RTX PRO 6000; see docs/serve-trace.md). It is not independent of this "
        "run: one number of the row was calibrated on it, and two estimates were chosen with "
        "it in view.",
        "share",
        rows,
    )
