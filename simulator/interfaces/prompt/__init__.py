"""The line prompt of `brownout play`: a person, or a pipe, in the seat."""
