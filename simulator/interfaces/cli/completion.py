"""`brownout completion`: let a shell complete commands, options and scenario names."""

import click
from click.shell_completion import get_completion_class


@click.command("completion", short_help="Let your shell complete names.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the code that makes a shell complete commands, options and scenario names.

    \b
    bash  eval "$(brownout completion bash)"      in ~/.bashrc
    zsh   eval "$(brownout completion zsh)"       in ~/.zshrc
    fish  brownout completion fish > ~/.config/fish/completions/brownout.fish
    """  # noqa: D301  \b is how click keeps lines as they are
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101  click knows the three
    click.echo(kind(context.find_root().command, {}, "brownout", "_BROWNOUT_COMPLETE").source())
