"""What becomes of a mail that came in: applied, recorded, or waiting for a person with the reason."""
