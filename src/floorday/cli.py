"""The command `floorday`, which knows only how to begin; what can be typed after it is in `commands`."""

from floorday import garbage


def main() -> None:
    """Run the command that was typed."""
    with garbage.put_off():
        from floorday.commands import cli
    cli(prog_name="floorday")
