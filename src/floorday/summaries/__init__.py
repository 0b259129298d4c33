"""The month as it is sent, and the figures in it."""
