"""What pages and letters share: words, dates and zones, tokens and their links, the templates."""
