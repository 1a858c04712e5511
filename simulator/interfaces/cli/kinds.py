"""`brownout kinds`: every kind of fault, component, action ... with its fields and an example."""

import inspect
import textwrap

import click

from simulator.errors import NotFound

_TARGETS = {
    "component": "llm",
    "pod": "pod/llm-0",
    "node": "node/gpu-1",
    "node_pool": "node_pool/gpu",
    "edge": "gateway -> llm",
    "class": "class/chat",
    "autoscaler": "autoscaler/llm",
    "zone": "zone/eu-1a",
}


@click.command("kinds", short_help="Faults, components, actions ... and their fields.")
@click.argument("registry", required=False)
@click.argument("name", required=False)
def command(registry: str | None, name: str | None) -> None:
    """List kinds, or explain one: what it is, its fields, an example.

    \b
    brownout kinds                     which lists there are
    brownout kinds faults              one list
    brownout kinds faults slow_gpu     one kind
    """  # noqa: D301  \b is how click keeps lines as they are
    from simulator import kinds  # noqa: PLC0415  heavy for --help

    if registry is None:
        for each in kinds.FOLDERS:
            click.echo(f"{each:<12} {', '.join(kinds.names(each))}")
        return
    if registry not in kinds.FOLDERS:
        raise NotFound("list of kinds", registry, kinds.FOLDERS)
    if name is None:
        listed = kinds.names(registry)
        width = max(map(len, listed), default=0)
        for kind in listed:
            click.echo(f"{kind:<{width}}  {_first_line(kinds.load(registry, kind))}")
        return
    click.echo(_explained(kinds.load(registry, name), name))


def _first_line(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split("\n")[0]


def _explained(kind: type, name: str) -> str:
    from pydantic import BaseModel  # noqa: PLC0415  heavy for --help

    parts = [f"{name}\n", textwrap.indent(inspect.getdoc(kind) or "", "  ")]
    if issubclass(kind, BaseModel):
        fields = {field.alias or own: field for own, field in kind.model_fields.items()}
        rows = [
            (shown, "needed" if field.is_required() else "optional", field.description or "")
            for shown, field in fields.items()
        ]
        width = max((len(row[0]) for row in rows), default=0)
        example = {
            shown: field.examples[0]
            for shown, field in fields.items()
            if field.is_required() and field.examples
        }
        parts += ["\nFields", *(f"  {row[0]:<{width}}  {row[1]:<8}  {row[2]}" for row in rows)]
        parts += ["\nExample", f"  {_example(kind, name, example)}"]
    return "\n".join(parts)


def _example(kind: type, name: str, fields: dict[str, object]) -> str:
    import yaml  # noqa: PLC0415  heavy for --help

    for target in getattr(kind, "target_kinds", ())[:1]:
        if target != "monitoring":  # its kinds know where they strike
            fields["target"] = _TARGETS[target]
    if "kind" in getattr(kind, "model_fields", {}):
        fields = {"kind": name, **fields}
    text = yaml.safe_dump(fields, default_flow_style=True, sort_keys=False, width=10_000)
    return str(text).strip()
