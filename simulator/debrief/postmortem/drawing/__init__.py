"""Pictures as SVG: charts on a shared axis, the system in layers."""
