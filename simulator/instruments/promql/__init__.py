"""PromQL as Prometheus 3.x evaluates it, over float samples.

`reading` checks an expression without NumPy; `plan.compile_query` makes it ready to run.
"""
