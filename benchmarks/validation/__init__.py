"""The plant held against theory and measurement: what `make validation` writes a page of."""
