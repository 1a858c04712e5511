"""What Alertmanager does between an alert and whoever hears of it; nothing here imports NumPy.

`reading` reads its configuration file, `route` finds who is told, `inhibition`, `silences` and
`times` say who is not, and `dispatch` groups, waits, repeats and remembers what was sent.
"""
