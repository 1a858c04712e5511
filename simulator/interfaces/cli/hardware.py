"""`brownout hardware`: the model servers whose timings are known."""

import click


@click.command("hardware", short_help="Model servers whose timings are known.")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List model servers, or print the row of NAME as a file for --hardware to start from.

    A name is model/GPU/tensor parallelism/number format, such as llama-3.1-8b/h100/tp1/bf16.
    """
    from simulator.interfaces.rows import listed, written  # noqa: PLC0415  heavy for --help

    for line in written(name) if name else listed():
        click.echo(line)
