"""Writes what the instruments saw in the forms that real tools read."""
