"""Autoscaling policies compared on the same requests: what each costs, and whom it fails.

`compare(scenario, policies, seeds, jobs)` is the way in; table, as_json and picture render what it
returns.
"""

from simulator.evaluation.comparison import compare
from simulator.evaluation.model import Comparison, Row

__all__ = ["Comparison", "Row", "compare"]
