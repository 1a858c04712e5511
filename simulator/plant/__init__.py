"""The plant: every request, queue, batch, retry and token, in one compiled event loop.

It knows nothing of alerts, people or YAML. `spec` says what a system is, `api` what may be turned
and what is counted.
"""
