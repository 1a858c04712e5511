"""PromQL as Prometheus 3.x evaluates it, over float samples.

`database.Database` is for use from outside: fill it, ask it. `reading` checks an expression
without NumPy; `plan.compile_query` makes it ready to run on a store.
"""
