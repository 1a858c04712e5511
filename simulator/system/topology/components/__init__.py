"""One file per kind of component; `_base.Component` says what every kind has."""
