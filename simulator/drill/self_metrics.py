"""What Prometheus and the log collector say of themselves, under their own metric names."""

from collections.abc import Iterator

from simulator.drill.monitoring import Monitoring, name_of
from simulator.instruments.series.store import SeriesStore
from simulator.instruments.telemetry.sheet import Sheet
from simulator.units import seconds

_PROMETHEUS = {"job": "prometheus", "instance": "prometheus", "namespace": "monitoring"}
# Fluent Bit, "Monitoring" in its manual
_COLLECTOR = {"job": "log-collector", "instance": "log-collector", "namespace": "monitoring"}

Sample = tuple[str, dict[str, str], float]


class SelfMetrics:
    """Scrapes both, as Prometheus does itself; not while it is down."""

    def __init__(self, store: SeriesStore, monitoring: Monitoring) -> None:
        self._store, self._monitoring = store, monitoring
        self._sheets = Sheet(store, _PROMETHEUS), Sheet(store, _COLLECTOR)

    def scrape(self) -> None:
        """Write down how they are doing now."""
        monitoring = self._monitoring
        now = monitoring.clock.now
        if now < monitoring.scraper.server.down_until:
            return
        monitoring.scraper.collect()
        for sheet, samples in zip(
            self._sheets, (self._prometheus(), self._collector()), strict=True
        ):
            sheet.write(monitoring.calendar.ms(now), samples)

    def _prometheus(self) -> Iterator[Sample]:
        server, series = self._monitoring.scraper.server, self._store.version
        yield "up", {}, 1.0
        yield "prometheus_tsdb_head_series", {}, series
        yield "prometheus_tsdb_head_samples_appended_total", {}, server.appended
        yield "process_resident_memory_bytes", {}, server.memory(series)
        over = "prometheus_target_scrapes_exceeded_sample_limit_total"
        yield over, {}, server.over_limit
        for group in self._monitoring.groups:
            name = name_of(group.group)
            load = self._monitoring.loads.get(name)
            if load is not None:
                labels = {"rule_group": name}
                interval_s = group.group.interval_ms / 1000
                yield "prometheus_rule_group_interval_seconds", labels, interval_s
                yield "prometheus_rule_group_last_duration_seconds", labels, seconds(load.lasted)
                evaluated = load.evaluated + load.missed
                yield "prometheus_rule_group_iterations_total", labels, evaluated
                yield "prometheus_rule_group_iterations_missed_total", labels, load.missed

    def _collector(self) -> Iterator[Sample]:
        logs, output = self._monitoring.logs, {"name": "loki.0"}
        yield "up", {}, 1.0
        yield "fluentbit_output_proc_records_total", output, logs.shipped
        yield "fluentbit_output_dropped_records_total", output, logs.lost
