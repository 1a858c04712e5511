"""Judges read records: harm, times, criteria and the grade they add up to.

`grade(lived, variants)` is the way in; everything else explains one of its lines.
"""

from simulator.debrief.grading.grade import grade
from simulator.debrief.grading.model import Grade, Line, Variants

__all__ = ["Grade", "Line", "Variants", "grade"]
