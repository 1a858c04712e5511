"""Every kind of autoscaling policy, one file each."""
