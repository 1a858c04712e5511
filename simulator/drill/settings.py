"""Limits and policies a responder may set, and how the plant is told."""

from collections.abc import Callable, Mapping

from simulator.drill.effects import BaseValues, Effects
from simulator.drill.names import Names
from simulator.errors import ActionRefused
from simulator.plant.api import ClassKnob, EdgeKnob, PlantPort, PoolKnob, TenantKnob
from simulator.plant.spec import Cache, ClassSpec, Cpu, Llm, VectorIndex, Workers
from simulator.world import Place, Setting

_CLASS = {
    Setting.RATE_MAX: ClassKnob.RATE_MAX,
    Setting.CONCURRENCY_MAX: ClassKnob.CONCURRENCY_MAX,
    Setting.PROMPT_TOKENS_MAX: ClassKnob.PROMPT_TOKENS_MAX,
    Setting.OUTPUT_TOKENS_MAX: ClassKnob.OUTPUT_TOKENS_MAX,
    Setting.SHED_SHARE: ClassKnob.SHED_SHARE,
}
_TENANT = {
    Setting.TENANT_REQUESTS: TenantKnob.REQUESTS_PER_MINUTE,
    Setting.TENANT_TOKENS: TenantKnob.TOKENS_PER_MINUTE,
    Setting.TENANT_CONCURRENCY: TenantKnob.CONCURRENCY_MAX,
}
_EDGE = {
    Setting.RATE_MAX: EdgeKnob.RATE_MAX,
    Setting.CONCURRENCY_MAX: EdgeKnob.CONCURRENCY_MAX,
    Setting.RETRIES_MAX: EdgeKnob.RETRIES_MAX,
    Setting.RETRY_BUDGET: EdgeKnob.RETRY_BUDGET,
    Setting.TIMEOUT_NS: EdgeKnob.TIMEOUT_NS,
    Setting.CANCELS: EdgeKnob.CANCELS,
}
_POOL = {
    Setting.EF: PoolKnob.EF,
    Setting.QUEUE_MAX: PoolKnob.QUEUE_MAX,
    Setting.TTL_NS: PoolKnob.TTL_NS,
    Setting.SHED_PERCENT: PoolKnob.SHED_PERCENT,
    Setting.KEYS_MAX: PoolKnob.KEYS_MAX,
    Setting.STALE_NS: PoolKnob.STALE_NS,
    Setting.NEGATIVE_TTL_NS: PoolKnob.NEGATIVE_TTL_NS,
    Setting.SIMILARITY_MIN: PoolKnob.SIMILARITY_MIN,
}


class Settings:
    """What is set now; a setting never made reads as what the scenario says."""

    def __init__(self, plant: PlantPort, names: Names, effects: Effects, base: BaseValues) -> None:
        self._plant, self._names, self._effects, self._base = plant, names, effects, base
        self._made: dict[tuple[Place, Setting], float] = {}

    def read(self, place: Place, setting: Setting) -> float | None:
        """Read the value in force, None where the place has no such setting."""
        if (place, setting) in self._made:
            return self._made[place, setting]
        return self._initial(place).get(setting)

    def make(self, place: Place, setting: Setting, value: float) -> None:
        """Set it; ActionRefused where the place has no such setting or the value is impossible."""
        self._refuse_impossible(place, setting, value)
        turn = self._turner(place)
        knobs: dict[str, Mapping[Setting, int]] = {"class": _CLASS, "edge": _EDGE}
        if setting is Setting.MAX_NUM_SEQS:
            self._base.max_num_seqs[place.name] = value
            for row in self._effects.rows.values():
                if row.component == place.name:
                    self._effects.refresh(row)
        elif setting in _TENANT:
            number = self._names.request_class(place.name)
            self._plant.turn_tenant(number, -1, _TENANT[setting], value)
        else:
            turn(knobs.get(place.kind, _POOL)[setting], value)
        self._made[place, setting] = value

    def _turner(self, place: Place) -> Callable[[int, float], None]:
        if place.kind == "class":
            row = self._names.request_class(place.name)
            return lambda knob, value: self._plant.turn_class(row, ClassKnob(knob), value)
        if place.kind == "edge":
            self._names.edge(place.name)
            row = self._names.edges[place.name]
            return lambda knob, value: self._plant.turn_edge(row, EdgeKnob(knob), value)
        row = self._names.pools[place.name]
        return lambda knob, value: self._plant.turn_pool(row, PoolKnob(knob), value)

    def _refuse_impossible(self, place: Place, setting: Setting, value: float) -> None:
        if self._initial(place).get(setting) is None:
            raise ActionRefused(f"{place} has no {setting}")
        if value < 0:
            raise ActionRefused(f"{setting} of {place} cannot be negative: {value:g}")
        if setting is Setting.SIMILARITY_MIN and value > 1:
            raise ActionRefused(f"{setting} of {place} is at most 1, not {value:g}")
        if setting in {Setting.SHED_SHARE, Setting.RETRY_BUDGET} and value > 1:
            raise ActionRefused(f"{setting} of {place} is a share; {value:g} is above 100 %")
        if setting in {Setting.EF, Setting.MAX_NUM_SEQS, Setting.KEYS_MAX} and value < 1:
            raise ActionRefused(f"{setting} of {place} must be at least 1")

    def _initial(self, place: Place) -> dict[Setting, float]:
        if place.kind == "class":
            row = self._names.request_class(place.name)
            return {**dict.fromkeys(_CLASS, 0.0), **_quotas(self._names.spec.classes[row])}
        if place.kind == "edge":
            edge = self._names.edge(place.name)
            return {
                Setting.RATE_MAX: 0.0,
                Setting.CONCURRENCY_MAX: edge.concurrency_max,
                Setting.RETRIES_MAX: edge.retries_max,
                Setting.RETRY_BUDGET: edge.retry_budget,
                Setting.TIMEOUT_NS: edge.timeout_ns,
                Setting.CANCELS: float(edge.on_timeout == "cancel"),
            }
        if place.kind != "component":
            return {}
        return self._of_component(place.name)

    def _of_component(self, name: str) -> dict[Setting, float]:
        discipline = self._names.pool(name).discipline
        if isinstance(discipline, Llm):
            return {Setting.MAX_NUM_SEQS: self._base.max_num_seqs[name]}
        if not isinstance(discipline, Workers | Cpu):
            return {}
        found = {Setting.QUEUE_MAX: float(discipline.queue_max)}
        if isinstance(discipline, Cpu):
            return found
        if isinstance(discipline.content, VectorIndex):
            found[Setting.EF] = discipline.content.ef
        if isinstance(discipline.content, Cache):
            found |= _of_cache(discipline.content)
        if discipline.shedding is not None:
            found[Setting.SHED_PERCENT] = 100.0
        return found


def _quotas(request_class: ClassSpec) -> dict[Setting, float]:
    """Quotas of each tenant of a class, empty where it has none."""
    tenants = request_class.client.tenants if request_class.client else None
    if tenants is None:
        return {}
    return {
        Setting.TENANT_REQUESTS: tenants.requests_per_minute,
        Setting.TENANT_TOKENS: tenants.tokens_per_minute,
        Setting.TENANT_CONCURRENCY: float(tenants.concurrency_max),
    }


def _of_cache(cache: Cache) -> dict[Setting, float]:
    found: dict[Setting, float] = {Setting.TTL_NS: cache.ttl_ns, Setting.KEYS_MAX: cache.keys_max}
    if cache.meaning is not None:
        return found | {Setting.SIMILARITY_MIN: cache.meaning.similarity_min}
    return found | {
        Setting.STALE_NS: cache.stale_ns,
        Setting.NEGATIVE_TTL_NS: cache.negative_ttl_ns,
    }
