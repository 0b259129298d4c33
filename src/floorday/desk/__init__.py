"""What stands in a team's room: the screen on its wall, and the computer that is its desk."""
