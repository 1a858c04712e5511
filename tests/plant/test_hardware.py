"""The table of model servers agrees with itself and with what was measured elsewhere."""

import subprocess
import sys

import pytest

from simulator.errors import NotFound
from simulator.plant import hardware

# KV tokens at 90 % of memory, as plant.md §3.3 lists them (rounded there).
KV_TOKENS = {
    "llama-3.1-8b/a100/tp1/bf16": 430_000,
    "llama-3.1-8b/a100/tp2/bf16": 1_000_000,
    "llama-3.1-8b/h100/tp1/bf16": 440_000,
    "llama-3.1-8b/h100/tp2/bf16": 1_000_000,
    "llama-3.1-8b/h100/tp1/fp8": 495_000,
    "llama-3.1-8b/h200/tp1/bf16": 900_000,
    "llama-3.1-8b/l40s/tp1/bf16": 200_000,
    "llama-3.1-8b/l40s/tp1/fp8": 255_000,
    "llama-3.1-8b/l4/tp1/bf16": 30_000,
    "llama-3.1-8b/l4/tp1/fp8": 87_000,
    "llama-3.1-70b/a100/tp4/bf16": 420_000,
    "llama-3.1-70b/a100/tp8/bf16": 1_300_000,
    "llama-3.1-70b/h100/tp4/bf16": 430_000,
    "llama-3.1-70b/h100/tp8/bf16": 1_300_000,
    "llama-3.1-70b/h100/tp2/fp8": 210_000,
    "llama-3.1-70b/h100/tp4/fp8": 640_000,
    "llama-2-7b/h100/tp1/bf16": 110_000,
}


@pytest.mark.parametrize(("name", "tokens"), KV_TOKENS.items())
def test_kv_capacity_is_within_the_13_percent_of_the_listed_one(name: str, tokens: int) -> None:
    assert hardware.lookup(name).kv_tokens == pytest.approx(tokens, rel=0.13)


# What `vllm serve` takes where nothing is said (0.19, vllm/engine/arg_utils.py): by memory, but
# never so much on an A100.
BATCHES = {"a100": (2048, 256), "h100": (8192, 1024), "h200": (8192, 1024), "l40s": (2048, 256),
           "l4": (2048, 256), "rtx4090": (2048, 256), "rtxpro6000": (8192, 1024)}  # fmt: skip


@pytest.mark.parametrize("name", hardware.names())
def test_a_server_batches_as_vllm_does_by_default_on_that_gpu(name: str) -> None:
    spec = hardware.lookup(name)

    assert (spec.max_num_batched_tokens, spec.max_num_seqs) == BATCHES[name.split("/")[1]]


def test_measured_kv_capacity_wins_over_the_formula() -> None:
    assert hardware.lookup("llama-3.1-8b/rtx4090/tp1/bf16").kv_tokens == 2588 * 16


@pytest.mark.parametrize("name", hardware.names())
def test_every_name_is_a_whole_server(name: str) -> None:
    spec = hardware.lookup(name)

    assert spec.kv_tokens > 16_000
    assert (spec.m0_ms > 0) is (spec.m_us_per_token > 0) is ("tp1" not in name)


def test_halving_kv_numbers_doubles_the_capacity() -> None:
    full = hardware.lookup("llama-3.1-8b/h100/tp1/fp8")

    halved = hardware.lookup("llama-3.1-8b/h100/tp1/fp8-kv8")

    assert halved.kv_tokens == pytest.approx(2 * full.kv_tokens, abs=1)


def test_smaller_weights_are_read_sooner_and_leave_more_room() -> None:
    plain, int8, int4 = (
        hardware.lookup(f"llama-3.1-8b/a100/tp1/{name}") for name in ("bf16", "int8", "w4a16")
    )

    assert int4.w_ms < int8.w_ms < plain.w_ms
    assert int4.kv_tokens > int8.kv_tokens > plain.kv_tokens
    # Unpacking four bits is work of its own: slower than bf16 where compute is what counts.
    assert int8.s_us_per_token < plain.s_us_per_token < int4.s_us_per_token


def test_parallel_servers_pay_for_their_all_reduces() -> None:
    spec = hardware.lookup("llama-3.1-8b/h100/tp2/bf16")

    assert spec.m0_ms == pytest.approx(2 * 32 * 0.012)
    assert spec.m_us_per_token == pytest.approx(524_288 / 300e9 * 1e6)


def test_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"did you mean 'llama-3\.1-8b/h100/tp1/bf16'"):
        hardware.lookup("llama-3.1-8b/h100/tp1/bf-16")


def test_reading_the_table_imports_no_numpy() -> None:
    source = "import sys, simulator.plant.hardware; print('numpy' in sys.modules)"

    answer = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "False"
