"""Dashboards: panels of queries, our own or read from Grafana's JSON, drawn in a terminal."""
