"""What can be seen of a system: series, logs and changes, and what is derived from them."""
