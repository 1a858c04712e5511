"""Pods, nodes and releases: what a Kubernetes control plane does, on the drill's clock."""
