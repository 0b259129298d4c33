"""`python -m floorday` is the command `floorday`."""

from floorday.cli import main

main()
