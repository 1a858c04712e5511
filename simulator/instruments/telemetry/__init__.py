"""What the simulated system says about itself: scrapes, kube-state metrics, log lines.

It reads the plant's probes and signals and the API server's view, never the truth behind them.
"""
