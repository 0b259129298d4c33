"""What a team shows to everybody: a page without names, off until somebody puts it on."""
