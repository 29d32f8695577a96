"""The tables of the terms room: text files that a person can read, check and extend."""
