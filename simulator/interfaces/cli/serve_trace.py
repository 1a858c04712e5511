"""`brownout serve-trace`: requests from a file, served by one model server."""

from pathlib import Path

import click

from simulator.interfaces.cli import options

_Count = click.IntRange(min=1)


@click.command("serve-trace", short_help="Requests from a file, on one model server.")
@options.all_of(
    click.argument("requests", type=click.Path(path_type=Path), metavar="REQUESTS.(csv|jsonl)"),
    click.option(
        "--hardware", required=True, metavar="ROW.yaml|NAME", help="Timings; NAME as listed."
    ),
    click.option("--max-num-seqs", type=_Count, help="Requests in a batch; else the row's."),
    click.option("--max-num-batched-tokens", type=_Count, help="Tokens in a step; else the row's."),
    click.option("--kv-tokens", type=_Count, help="KV cache in tokens; else the row's."),
    click.option("--no-prefix-cache", is_flag=True, help="Compute every prompt in full."),
    click.option(
        "--out",
        required=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help="CSV of how each request fared.",
    ),
)
def command(
    requests: Path,
    hardware: str,
    max_num_seqs: int | None,
    max_num_batched_tokens: int | None,
    kv_tokens: int | None,
    out: Path,
    *,
    no_prefix_cache: bool,
) -> None:
    """Serve REQUESTS on one model server, as vLLM V1 schedules them, and write how each fared.

    REQUESTS has the columns arrival_s, input_tokens, output_tokens. `brownout hardware` lists the
    names known; docs/serve-trace.md describes every file.
    """
    from simulator.interfaces.serving import Wanted, serve_trace  # noqa: PLC0415  heavy for --help

    wanted = Wanted(hardware, max_num_seqs, max_num_batched_tokens, kv_tokens, no_prefix_cache)
    for line in serve_trace(requests, wanted, out):
        click.echo(line)
