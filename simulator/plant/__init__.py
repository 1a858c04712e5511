"""The plant: every request, queue, batch, retry and token, in one compiled event loop.

It knows nothing of alerts, people or YAML. Each file begins with its one idea; by question:

- *What is a system?* `spec`, `spec_parts`, `laws` and the `*_spec` beside them. `build` and the
  `*_tables` write it into the kernel's tables; `layout` and `*_columns` name their columns.
- *What may be turned, what is counted?* `api`, `knob_names`, `knobs` and `*_knobs`; `probes`,
  `readings`, `snapshots`, `spans`, `records`, `kept`, `histograms`. Replicas come and go in
  `lifecycle`.
- *What happens next?* `kernel`, with `tables` for slots, timers and the worklist, `lanes`.
- *What does a user do?* `arrivals`, `roots` (the door, the answer), `clients`, `sessions`,
  `tenants`.
- *What does a component do for a call?* `programs` (steps as data), `frames` (a call's life at its
  replica), `loops`.
- *How does a call travel?* `edges` sends and answers; whether it is tried again is decided in
  `retries`. `guards`, `hedging`, `adaptive`, `deadlines`, `network`.
- *Who gets it?* `balance`, `routes`, `loads`, `tournament`, `listing`.
- *How is it served?* `servers` with `queues` and `shedding`; `processors` with `cpu`; `engines`
  hands calls to `batch`, to a model server (`llm` is one step; `llm_batch`, `llm_prefix`,
  `llm_jumps`, `llm_singly` ... its parts) and to a `provider`.
- *What does it hold, and what runs out?* `cache` and `cache_*`, `renewals`, `foresight`, `index`,
  `limits`.
- *By chance, the same everywhere:* `chance`, `arithmetic`, `popularity`, `decades`.
- *Compiled how?* `jit`, `compiling`, `handle` and `state`. Books are kept by `conservation`.
"""
