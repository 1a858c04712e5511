"""What the system is made of: component kinds, edges and request classes, as a scenario says them.

Everything but `compiler` is plain pydantic: reading a scenario imports no arrays.
"""
