"""From tonnes to sectors and GDP: input-output tables, who uses what, and what a shortage costs.

Pure functions on labelled numbers: no disk, no network, no screen. `table` holds an economy in one
form; every other page takes that form, whoever published it.
"""
