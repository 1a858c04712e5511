"""A list of requests served by one model server: what `brownout serve-trace` does."""
