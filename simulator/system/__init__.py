"""What stands around the plant: topology, workload, cluster and autoscaling."""
