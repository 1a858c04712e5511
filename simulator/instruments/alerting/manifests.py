"""Rules inside of Kubernetes manifests: PrometheusRule objects, alone, in lists, among others."""

from collections.abc import Iterator, Sequence

import yaml

from simulator.instruments.alerting.located import Reader, pairs

_KIND = "PrometheusRule"


def is_manifest(node: yaml.Node) -> bool:
    """Whether a document is an object of Kubernetes rather than a rule file."""
    return bool({"apiVersion", "kind", "spec"} & _by_name(node).keys())


def prometheus_rules(reader: Reader, documents: Sequence[yaml.Node]) -> Iterator[yaml.Node]:
    """What stands under `spec` of every PrometheusRule; other objects are passed over."""
    objects = [each for document in documents for each in _objects(reader, document)]
    kinds = [_text(_by_name(each).get("kind")) for each in objects]
    if _KIND not in kinds and "" not in kinds:
        found = ", ".join(sorted(set(kinds))) or "an empty list"
        reader.wrong(documents[0], "no-rules", f"here is no {_KIND}, only {found}")
    for node, kind in zip(objects, kinds, strict=True):
        if kind not in ("", _KIND):
            continue
        keys = reader.mapping(node, f"a {_KIND}", None)
        if "spec" in keys:
            yield keys["spec"]
        else:
            reader.wrong(node, "missing-key", f"a {_KIND} needs a 'spec'{_instead(keys)}")


def _instead(keys: dict[str, yaml.Node]) -> str:
    """What stands where a manifest was expected: Grafana's own alerts have groups on top."""
    return "; Grafana's own alert rules are not read" if "groups" in keys else ""


def _objects(reader: Reader, node: yaml.Node) -> Iterator[yaml.Node]:
    keys = _by_name(node)
    if _text(keys.get("kind")).endswith("List"):
        yield from reader.sequence(keys.get("items"), "items")
    elif keys:
        yield node


def _by_name(node: yaml.Node) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): value for key, value in pairs(node)}


def _text(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""
