"""Rule files, the state of their alerts, and the pages and tickets sent about them.

`rules` reads files without NumPy; `group` evaluates them; `notify` groups and repeats.
"""
