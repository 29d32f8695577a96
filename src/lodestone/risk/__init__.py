"""How likely a cut-off is, how much it costs, and what to worry about first.

Pure functions: hazards and losses come in, expected losses, exceedance curves and rankings go out.
"""
