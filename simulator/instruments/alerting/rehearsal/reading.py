"""Reads promtool's unit-test files: every mistake is reported at once, with its place."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import yaml

from simulator.errors import InvalidInput, Mistake, QueryError
from simulator.instruments.alerting.located import Reader
from simulator.instruments.alerting.rehearsal.model import (
    DEFAULT_INTERVAL_MS,
    AlertCase,
    ExpectedAlert,
    InputSeries,
    SampleCase,
    UnitTest,
    UnitTestFile,
)
from simulator.instruments.alerting.rules import duration_ms
from simulator.instruments.promql.reading import read
from simulator.instruments.series.labels import Labels, labels_of
from simulator.instruments.series.notation import read_series, read_values

FILE_KEYS = ("rule_files", "evaluation_interval", "group_eval_order", "tests", "fuzzy_compare")
TEST_KEYS = (
    "name", "interval", "input_series", "alert_rule_test", "promql_expr_test", "external_labels",
    "external_url", "start_timestamp",
)  # fmt: skip
_Read = TypeVar("_Read")
_Keys = dict[str, yaml.Node]


def read_unit_tests(text: str, file: str = "") -> UnitTestFile:
    """Read a file; InvalidInput carries every mistake."""
    reader = Reader(file)
    root = reader.compose(text)
    if root is None:
        message = "this file is empty; a unit-test file needs 'tests'"
        raise InvalidInput([Mistake(file, 1, 1, "missing-key", message)])
    keys = reader.mapping(root, "a unit-test file", FILE_KEYS)
    if "tests" not in keys and not reader.mistakes:
        reader.wrong(root, "missing-key", "a unit-test file needs 'tests'")
    every = _duration(reader, keys, "evaluation_interval") or DEFAULT_INTERVAL_MS
    nodes = reader.sequence(keys.get("tests"), "tests")
    tests = tuple(_test(reader, node, every) for node in nodes)
    rule_files = tuple(
        (reader.text(node, "a rule file"), node.start_mark.line + 1, node.start_mark.column + 1)
        for node in reader.sequence(keys.get("rule_files"), "rule_files")
    )
    found = UnitTestFile(
        file,
        rule_files,
        every,
        "fuzzy_compare" in keys and reader.boolean(keys["fuzzy_compare"], "fuzzy_compare"),
        _order(reader, keys),
        tests,
    )
    if reader.mistakes:
        raise InvalidInput(reader.mistakes)
    return found


def _order(reader: Reader, keys: _Keys) -> tuple[str, ...]:
    order: list[str] = []
    for node in reader.sequence(keys.get("group_eval_order"), "group_eval_order"):
        name = reader.text(node, "a group's name")
        if name in order:
            reader.wrong(node, "repeated-name", f"the group {name!r} is here twice")
        order.append(name)
    return tuple(order)


def _test(reader: Reader, node: yaml.Node, every_ms: int) -> UnitTest:
    keys = reader.mapping(node, "a test", TEST_KEYS)
    interval = _duration(reader, keys, "interval") or every_ms
    return UnitTest(
        reader.text(keys["name"], "name") if "name" in keys else "",
        node.start_mark.line + 1,
        interval,
        tuple(
            series
            for each in reader.sequence(keys.get("input_series"), "input_series")
            if (series := _series(reader, each)) is not None
        ),
        tuple(
            _alert_case(reader, each)
            for each in reader.sequence(keys.get("alert_rule_test"), "alert_rule_test")
        ),
        tuple(
            case
            for each in reader.sequence(keys.get("promql_expr_test"), "promql_expr_test")
            if (case := _sample_case(reader, each)) is not None
        ),
        _labels(reader, keys, "external_labels"),
        reader.text(keys["external_url"], "external_url") if "external_url" in keys else "",
        _start(reader, keys),
    )


def _series(reader: Reader, node: yaml.Node) -> InputSeries | None:
    keys = reader.mapping(node, "an input series", ("series", "values"))
    if not _has(reader, node, keys, "series", "values"):
        return None
    labels = _tried(reader, keys["series"], "bad-series", read_series)
    values = _tried(reader, keys["values"], "bad-values", read_values)
    return None if labels is None or values is None else InputSeries(labels, tuple(values))


def _alert_case(reader: Reader, node: yaml.Node) -> AlertCase:
    keys = reader.mapping(node, "an alert test", ("eval_time", "alertname", "exp_alerts"))
    _has(reader, node, keys, "alertname")
    name = reader.text(keys["alertname"], "alertname") if "alertname" in keys else ""
    expected = []
    for each in reader.sequence(keys.get("exp_alerts"), "exp_alerts"):
        wanted = reader.mapping(each, "an expected alert", ("exp_labels", "exp_annotations"))
        labels = {**dict(_labels(reader, wanted, "exp_labels")), "alertname": name}
        annotations = _labels(reader, wanted, "exp_annotations")
        expected.append(ExpectedAlert(labels_of(labels), annotations))
    at_ms = _duration(reader, keys, "eval_time")
    return AlertCase(node.start_mark.line + 1, at_ms, name, tuple(expected))


def _sample_case(reader: Reader, node: yaml.Node) -> SampleCase | None:
    keys = reader.mapping(node, "an expression test", ("expr", "eval_time", "exp_samples"))
    if not _has(reader, node, keys, "expr"):
        return None
    expr = reader.text(keys["expr"], "expr")
    try:
        read(expr)
    except QueryError as error:
        reader.wrong(keys["expr"], "bad-expression", str(error))
    expected = []
    for each in reader.sequence(keys.get("exp_samples"), "exp_samples"):
        wanted = reader.mapping(each, "an expected sample", ("labels", "value", "histogram"))
        if "histogram" in wanted:
            message = "native histograms are not supported"
            reader.wrong(wanted["histogram"], "not-supported", message)
        labels: Labels = ()
        if "labels" in wanted and reader.text(wanted["labels"], "labels").strip() not in ("", "{}"):
            labels = _tried(reader, wanted["labels"], "bad-series", read_series) or ()
        value = 0.0
        if "value" in wanted:
            value = _tried(reader, wanted["value"], "bad-values", _number) or 0.0
        expected.append((labels, value))
    at_ms = _duration(reader, keys, "eval_time")
    return SampleCase(node.start_mark.line + 1, at_ms, expr, tuple(expected))


def _number(text: str) -> float:
    try:
        return float({".inf": "inf", "-.inf": "-inf", ".nan": "nan"}.get(text.lower(), text))
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None


def _start(reader: Reader, keys: _Keys) -> int:
    if "start_timestamp" not in keys:
        return 0
    text = reader.text(keys["start_timestamp"], "start_timestamp")
    try:
        return round(float(text) * 1000)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a time; write 2026-03-03T09:00:00Z or seconds since 1970"
        reader.wrong(keys["start_timestamp"], "bad-time", message)
        return 0
    return round(moment.timestamp() * 1000)


def _labels(reader: Reader, keys: _Keys, key: str) -> Labels:
    if key not in keys:
        return ()
    pairs = reader.mapping(keys[key], key, None)
    return labels_of({name: reader.text(value, name) for name, value in pairs.items()})


def _duration(reader: Reader, keys: _Keys, key: str) -> int:
    return duration_ms(reader, keys.get(key))


def _has(reader: Reader, node: yaml.Node, keys: _Keys, *needed: str) -> bool:
    for key in needed:
        if key not in keys:
            reader.wrong(node, "missing-key", f"{key!r} is missing here")
    return all(key in keys for key in needed)


def _tried(
    reader: Reader, node: yaml.Node, code: str, reads: Callable[[str], _Read]
) -> _Read | None:
    try:
        return reads(reader.text(node, "this"))
    except ValueError as error:
        reader.wrong(node, code, str(error))
        return None
