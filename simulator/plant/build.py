"""From a spec to the kernel's tables, and how they grow."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.plant import layout as at
from simulator.plant.api import SignalKind
from simulator.plant.arithmetic import log, power
from simulator.plant.arrivals import name_key
from simulator.plant.batch import batch_tables
from simulator.plant.batch_items import batch_pools
from simulator.plant.cache_tables import cache_tables
from simulator.plant.chance import law_table
from simulator.plant.client_tables import client_tables, manners
from simulator.plant.content_tables import CODES, content_tables
from simulator.plant.cpu import cpu_tables
from simulator.plant.guarding import guarding_tables, retried_results
from simulator.plant.histograms import Bounds, histogram_bounds, histogram_width
from simulator.plant.index import (
    INDEX_BASE_NS,
    INDEX_NS_PER_EF_DECADE,
    INDEX_SIGMA,
    RECALL_LOSS,
    RECALL_POWER,
)
from simulator.plant.index_tables import index_table
from simulator.plant.lanes import Lanes, program_table
from simulator.plant.layout import Floats, Ints, State
from simulator.plant.limits_tables import limit_tables
from simulator.plant.llm_tables import BLOCK, llm_tables
from simulator.plant.network_tables import network_tables
from simulator.plant.popularity import alias_table
from simulator.plant.probes import ReplicaHistogram
from simulator.plant.programs import Programs, compile_programs
from simulator.plant.provider_tables import V_PROBE, provider_tables
from simulator.plant.queues import goes_by_priority, level_rows
from simulator.plant.records import RECORD_COLUMNS
from simulator.plant.routing import routing_tables
from simulator.plant.shedding import shedding_table
from simulator.plant.spans import BELOW, FIRST_ROWS, key_bound, span_rows
from simulator.plant.spec import (
    Batch,
    Cache,
    ClassSpec,
    Cpu,
    EdgeSpec,
    External,
    Llm,
    PlantSpec,
    PoolSpec,
    VectorIndex,
    Workers,
)

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND
_NEVER = 1 << 62
FIRST_KEYS = 64


def quality(share: float) -> int:
    """Write a share of right answers as the kernel multiplies it."""
    return round(min(max(share, 0.0), 1.0) * at.ONE)


def index_ns(index: VectorIndex, ef: float) -> float:
    """Say how long one search lasts at the median."""
    decades = log(max(index.vectors, 10)) / log(10.0)
    return INDEX_BASE_NS + INDEX_NS_PER_EF_DECADE * ef * decades * index.dimensions / 1536


def recall(ef: float) -> float:
    """Say which share of the true neighbours a search finds."""
    return min(max(1.0 - RECALL_LOSS * power(max(ef, 1.0), -RECALL_POWER), 0.0), 1.0)


def _pool_row(row: Ints, floats: Floats, pool: PoolSpec, lanes: Lanes, bounds: Bounds) -> None:
    served = pool.discipline
    row[at.P_BOUNDS : at.P_BOUNDS + 12] = -1
    column = at.R_HISTOGRAM
    for place, values in enumerate(histogram_bounds(pool)):
        if values:
            in_tokens = place >= ReplicaHistogram.PROMPT_TOKENS
            whole = tuple(int(value) for value in values)
            number = bounds.whole(whole) if in_tokens else bounds.seconds(values)
            row[at.P_BOUNDS + place] = number
            row[at.P_COLUMN + place] = column
            column += len(values) + 1
    row[at.P_PER_TOKEN] = len(pool.per_token_bounds_s) > 0
    row[at.P_NOBODY_AT] = -_MINUTE
    row[at.P_QUALITY] = quality(pool.quality)
    if isinstance(served, Workers):
        _workers_row(row, floats, served, lanes)
    elif isinstance(served, Cpu):
        row[at.P_DISCIPLINE] = at.PROCESSORS
        row[at.P_HOLDS_WORKER] = served.holds_thread
        floats[at.P_CPU_IDLE], floats[at.P_CPU_BUSY] = served.cpu_idle_cores, 1.0
        _queue_row(row, served, lanes)
    elif isinstance(served, Batch):
        row[at.P_DISCIPLINE] = at.BATCHES
        floats[at.P_CPU_IDLE] = served.cpu_idle_cores
        floats[at.P_CPU_BUSY] = served.cpu_busy_cores
    elif isinstance(served, Llm):
        row[at.P_DISCIPLINE] = at.MODEL
        row[at.P_OVERHEAD_NS] = served.request_overhead_ns
        row[at.P_OVERHEAD_LANE] = lanes.of(served.request_overhead_ns)
        floats[at.P_CPU_IDLE] = served.cpu_idle_cores
        floats[at.P_CPU_BUSY] = served.cpu_busy_cores
    else:
        _provider_row(row, served, pool.quality)


def _workers_row(row: Ints, floats: Floats, served: Workers, lanes: Lanes) -> None:
    row[at.P_DISCIPLINE] = at.WORKERS
    row[at.P_HOLDS_WORKER] = served.holds_worker
    _queue_row(row, served, lanes)
    floats[at.P_CPU_IDLE] = served.cpu_idle_cores
    floats[at.P_CPU_BUSY] = served.cpu_per_worker_cores
    if isinstance(served.content, Cache):
        row[at.P_CONTENT] = at.CACHE
        row[at.P_KEYS_MAX] = served.content.keys_max
        row[at.P_TTL_NS] = served.content.ttl_ns
        row[at.P_SINGLE_FLIGHT] = served.content.single_flight
        row[at.P_OPTIONS] = served.content.has_options
    elif isinstance(served.content, VectorIndex):
        row[at.P_CONTENT] = at.INDEX
        row[at.P_RECALL] = quality(recall(served.content.ef))
        floats[at.P_INDEX_NS] = index_ns(served.content, served.content.ef)
        floats[at.P_INDEX_SIGMA] = INDEX_SIGMA
        row[at.P_OPTIONS] = served.content.has_options
    else:
        row[at.P_CONTENT] = CODES.get(type(served.content), at.NO_CONTENT)


def _queue_row(row: Ints, served: Workers | Cpu, lanes: Lanes) -> None:
    row[at.P_LIFO] = served.order == "lifo"
    row[at.P_BY_PRIORITY] = served.by_priority
    row[at.P_SHEDS_LOWEST] = served.by_priority and served.sheds_lowest
    row[at.P_QUEUE_MAX] = served.queue_max
    row[at.P_QUEUE_TIMEOUT_NS] = served.queue_timeout_ns
    row[at.P_QUEUE_LANE] = lanes.of(served.queue_timeout_ns)


def _provider_row(row: Ints, served: External, pool_quality: float) -> None:
    row[at.P_DISCIPLINE] = at.PROVIDER
    row[at.P_QUALITY] = quality(served.quality * pool_quality)


def _edge_row(row: Ints, floats: Floats, edge: EdgeSpec, pool: int, lanes: Lanes) -> None:
    row[at.E_POOL] = pool
    row[at.E_DELAY_NS], row[at.E_DELAY_LANE] = edge.delay_ns, lanes.of(edge.delay_ns)
    row[at.E_TIMEOUT_NS], row[at.E_TIMEOUT_LANE] = edge.timeout_ns, lanes.of(edge.timeout_ns)
    row[at.E_CONNECT_NS] = edge.connect_timeout_ns
    row[at.E_CONNECT_LANE] = lanes.of(edge.connect_timeout_ns)
    row[at.E_RETRIES_MAX] = edge.retries_max
    row[at.E_FULL_JITTER] = edge.jitter == "full"
    row[at.E_RETRY_ON] = retried_results(edge.retries_on)
    row[at.E_CANCELS] = edge.on_timeout == "cancel"
    row[at.E_CONCURRENCY_MAX] = edge.concurrency_max
    row[at.E_DIVERT_TO] = -1
    row[at.E_BACKOFF_NS] = edge.backoff_ns
    floats[at.E_RETRY_BUDGET] = edge.retry_budget
    floats[at.E_DIVERT_SHARE] = edge.split_share if edge.split_to else 1.0


def _class_row(row: Ints, floats: Floats, spec: ClassSpec, lanes: Lanes, bounds: Bounds) -> None:
    row[at.C_OTHER_PROMPT_LAW] = row[at.C_OTHER_OUTPUT_LAW] = -1
    row[at.C_KEYS] = spec.keys
    row[at.C_PATIENCE_NS], row[at.C_PATIENCE_LANE] = spec.patience_ns, lanes.of(spec.patience_ns)
    row[at.C_RETRIES_MAX] = spec.client_retries_max
    row[at.C_BACKOFF_NS] = spec.client_backoff_ns
    row[at.C_BACKOFF_LANE] = lanes.of(spec.client_backoff_ns) if spec.client_retries_max else -1
    row[at.C_LATE_TTFT_NS], row[at.C_LATE_E2E_NS] = spec.late_ttft_ns, spec.late_e2e_ns
    row[at.C_TTFT_BOUNDS] = bounds.seconds(spec.ttft_bounds_s)
    row[at.C_PRIORITY] = spec.priority
    row[at.C_ZONE] = spec.zone
    row[at.C_LEVELS] = len(spec.shared_prompt)
    row[at.C_MANNERS] = manners(spec)
    end = 0
    for number, level in enumerate(spec.shared_prompt):
        place = at.C_LEVEL_0 + at.LEVEL_COLUMNS * number
        end += level.tokens
        row[place + at.LEVEL_KEY] = name_key(level.name or f"{spec.name}/{number}")
        row[place + at.LEVEL_END], row[place + at.LEVEL_VARIANTS] = end, level.variants
    floats[at.C_EVALUATED] = spec.evaluated_share
    floats[at.C_JUDGE_ERROR] = spec.judge_error_share
    floats[at.C_DOWN_WRONG] = spec.thumbs_down_share_wrong
    floats[at.C_DOWN_GOOD] = spec.thumbs_down_share_good
    floats[at.C_UNSAFE] = spec.unsafe_share


def slot_rows(capacity: int, first: int) -> Ints:
    """Make free rows, each pointing at the next; the last at none."""
    rows = np.zeros((capacity, at.SLOT_COLUMNS), dtype=np.int64)
    rows[:, at.NEXT] = np.arange(first + 1, first + capacity + 1)
    rows[-1, at.NEXT] = -1
    return rows


def key_rows(capacity: int, first: int) -> Ints:
    """Make free cache entries, each pointing at the next; the last at none."""
    rows = np.zeros((capacity, at.KEY_COLUMNS), dtype=np.int64)
    rows[:, at.K_REPLICA] = -1
    rows[:, at.K_CHAIN] = np.arange(first + 1, first + capacity + 1)
    rows[-1, at.K_CHAIN] = -1
    return rows


def _popularity(spec: PlantSpec, classes: Ints) -> Floats:
    tables, place = [np.zeros((1, 2))], 1
    for row, request_class in zip(classes, spec.classes, strict=True):
        row[at.C_KEYS_AT] = place
        if request_class.keys > 0:
            tables.append(alias_table(request_class.keys, request_class.key_zipf))
            place += request_class.keys
        for number, level in enumerate(request_class.shared_prompt):
            popular_at = at.C_LEVEL_0 + at.LEVEL_COLUMNS * number + at.LEVEL_POPULAR_AT
            row[popular_at] = place
            if level.variants > 1:
                tables.append(alias_table(level.variants, level.zipf))
                place += level.variants
    return np.concatenate(tables)


def _largest_batch(spec: PlantSpec) -> int:
    sizes = [1]
    for pool in spec.pools:
        if isinstance(pool.discipline, Llm):
            sizes.append(max(pool.discipline.max_num_seqs, 256))
        elif isinstance(pool.discipline, Batch):
            sizes.append(pool.discipline.batch_max)
    return max(sizes)


def _largest_cache(spec: PlantSpec) -> int:
    """KV blocks of the largest model server that keeps prefixes."""
    servers = [pool.discipline for pool in spec.pools if isinstance(pool.discipline, Llm)]
    return max((each.kv_tokens // BLOCK for each in servers if each.prefix_caching), default=0)


def _adapters(spec: PlantSpec) -> list[str]:
    """Number the adapters that classes ask for, in their order; 0 is none."""
    return list(dict.fromkeys(["", *(each.adapter for each in spec.classes)]))


def _replicas(spec: PlantSpec) -> int:
    """Say for how many replicas there is room at first."""
    return sum(pool.replicas for pool in spec.pools) + 4


def build(spec: PlantSpec, seed: int, capacity: int) -> tuple[State, Programs, Lanes]:
    """Lay out an idle system without replicas; rows come as they are added."""
    lanes, bounds = Lanes(), Bounds()
    programs = compile_programs(spec)
    names = [pool.name for pool in spec.pools]
    n_classes = len(spec.classes)
    pools = np.zeros((len(spec.pools), at.P_PROGRAM + n_classes + 8), dtype=np.int64)
    pool_floats = np.zeros((len(spec.pools), at.POOL_FLOATS))
    for number, pool in enumerate(spec.pools):
        _pool_row(pools[number], pool_floats[number], pool, lanes, bounds)
        pools[number, at.P_PROGRAM : at.P_PROGRAM + n_classes] = programs.by_pool[number]
        pools[number, at.P_READY] = at.P_PROGRAM + n_classes
        if isinstance(pool.discipline, External):
            pools[number, at.P_TTFT_LAW] = programs.law(pool.discipline.ttft)
    edge_width = at.E_HISTOGRAM + max(len(e.latency_bounds_s) + 1 for e in programs.edges)
    edges = np.zeros((len(programs.edges), edge_width), dtype=np.int64)
    edge_floats = np.zeros((len(programs.edges), at.EDGE_FLOATS))
    for number, edge in enumerate(programs.edges):
        _edge_row(edges[number], edge_floats[number], edge, names.index(edge.callee), lanes)
        edges[number, at.E_BOUNDS] = bounds.seconds(edge.latency_bounds_s)
    entries = {pool.name: pool.latency_bounds_s for pool in spec.pools}
    class_width = at.C_HISTOGRAM + max(
        len(c.ttft_bounds_s) + len(entries[c.entry]) + 2 for c in spec.classes
    )
    classes = np.zeros((n_classes, class_width), dtype=np.int64)
    class_floats = np.zeros((n_classes, at.CLASS_FLOATS))
    adapters = _adapters(spec)
    for number, request_class in enumerate(spec.classes):
        row = classes[number]
        _class_row(row, class_floats[number], request_class, lanes, bounds)
        row[at.C_E2E_BOUNDS] = bounds.seconds(entries[request_class.entry])
        row[at.C_ENTRY] = programs.by_class[number]
        row[at.C_ADAPTER] = adapters.index(request_class.adapter)
        row[at.C_PROMPT_LAW] = programs.law(request_class.prompt_tokens)
        row[at.C_OUTPUT_LAW] = programs.law(request_class.output_tokens)
    tables = provider_tables(edges, programs.edges, spec.pools, bounds, spec.day_ns)
    tables["batch_pools"] = batch_pools(spec.pools, programs)
    tables |= limit_tables(spec.pools, pools, _replicas(spec))
    return (
        _state(spec, seed, capacity, programs, lanes, bounds.table(), tables,
               pools, pool_floats, edges, edge_floats, classes, class_floats),
        programs,
        lanes,
    )  # fmt: skip


def _state(
    spec: PlantSpec, seed: int, capacity: int, programs: Programs, lanes: Lanes, bounds: Ints,
    tables: dict[str, NDArray[Any]], pools: Ints, pool_floats: Floats, edges: Ints,
    edge_floats: Floats, classes: Ints, class_floats: Floats,
) -> State:  # fmt: skip
    prog = program_table(programs, lanes)
    head = np.zeros(at.HEAD_COLUMNS, dtype=np.int64)
    largest = _largest_batch(spec)
    head[at.FREE_COUNT] = capacity
    head[at.KEYS_FREE_COUNT] = FIRST_KEYS
    head[at.BIN_NS] = spec.bin_ns
    head[at.SCRAPE_NEXT_AT] = head[at.ENDS_AT] = _NEVER
    head[at.MARGIN] = max(programs.fork_max, largest if largest > 1 else 0) + 24
    head[at.LANES_USED] = len(lanes.by_delay)
    head[at.SEED] = seed % (1 << 63)
    bounds_of_keys = [key_bound(each.traced_share) for each in spec.classes]
    head[at.TRACED_BELOW] = max(bounds_of_keys)
    width = at.R_HISTOGRAM + max(histogram_width(pool) for pool in spec.pools)
    snapshot = max(
        width - at.R_PROBE,
        edges.shape[1] - at.E_PROBE,
        classes.shape[1] - at.C_PROBE,
        tables["provider_rows"].shape[1] - V_PROBE,
    )
    replicas = _replicas(spec)
    modelled = any(isinstance(pool.discipline, Llm) for pool in spec.pools)
    batched = any(isinstance(pool.discipline, Batch) for pool in spec.pools)
    models = llm_tables(
        replicas if modelled else 1,
        capacity if modelled else 1,
        largest if modelled else 1,
        _largest_cache(spec),
        len(_adapters(spec)) - 1,
        len(spec.pools),
    )
    servers = batch_tables(replicas if batched else 1, capacity if batched else 1)
    clients = client_tables(spec.classes, capacity, programs.law)
    shared = any(isinstance(pool.discipline, Cpu) for pool in spec.pools)
    processors = cpu_tables(replicas if shared else 1, capacity if shared else 1)
    return State(
        head=head,
        prog=prog,
        laws=law_table(programs.laws),
        slots=slot_rows(capacity, 0),
        heap=np.zeros((2 * capacity + 64, 3), dtype=np.int64),
        lanes=np.zeros((at.LANES_MAX, capacity, 3), dtype=np.int64),
        lane_heads=np.array([[at.NEVER, 0, 0, 0]] * at.LANES_MAX, dtype=np.int64),
        work=np.zeros((4 * capacity + 1024, 3), dtype=np.int64),
        replicas=np.zeros((replicas, width), dtype=np.int64),
        replica_floats=np.zeros((replicas, at.REPLICA_FLOATS)),
        pools=pools,
        pool_floats=pool_floats,
        edges=edges,
        edge_floats=edge_floats,
        popularity=_popularity(spec, classes),
        classes=classes,
        class_floats=class_floats,
        bounds=bounds,
        bins=np.zeros((1, len(spec.classes), at.BIN_COLUMNS), dtype=np.int64),
        signals=np.zeros((at.SIGNALS_MAX + max(SignalKind) + 1, at.SIGNAL_COLUMNS), dtype=np.int64),
        arrivals=np.zeros((0, at.ARRIVAL_COLUMNS), dtype=np.int64),
        keys=key_rows(FIRST_KEYS, 0),
        buckets=np.full(FIRST_KEYS, -1, dtype=np.int64),
        targets=np.zeros((16, 5), dtype=np.int64),
        scrapes=np.zeros((at.SCRAPES_MAX, at.SCRAPE_VALUES + snapshot), dtype=np.int64),
        records=np.zeros((0, RECORD_COLUMNS), dtype=np.int64),
        spans=span_rows(FIRST_ROWS if max(bounds_of_keys) else 1, 0),
        span_of=np.full(capacity, -1, dtype=np.int64),
        tracing=np.array([*[0] * BELOW, *bounds_of_keys], dtype=np.int64),
        finished=np.zeros((2 * largest + 8, 2), dtype=np.int64),
        **tables,
        **clients,
        loops=np.zeros((capacity if programs.loops else 1, at.LOOP_COLUMNS), dtype=np.int64),
        indexes=index_table(spec.pools),
        **cache_tables(spec.pools, replicas, FIRST_KEYS),
        **routing_tables(edges, programs.edges, spec.pools),
        **guarding_tables(edges, programs.edges, replicas),
        sheds=shedding_table(pools, spec.pools, spec.classes),
        **network_tables(edges, programs.edges, spec.network),
        **content_tables(edges, programs.edges, spec.pools, replicas),
        **{f"llm_{name}": table for name, table in models.tables().items()},
        **{f"batch_{name}": table for name, table in servers.tables().items()},
        **{f"cpu_{name}": table for name, table in processors._asdict().items()},
        levels=level_rows(replicas if goes_by_priority(spec) else 1),
    )
