"""Reviewed tables that say what the sources mean, and the code that reads and applies them."""
