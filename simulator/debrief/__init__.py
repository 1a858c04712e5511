"""What a drill was worth: the runs to compare it with, its grade and its post-mortem."""
