"""`python -m simulator` is the `brownout` command."""

from simulator.interfaces.cli.main import main

main()
