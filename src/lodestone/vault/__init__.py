"""A stockpile that is sized, run and paid for.

Pure functions: curves, walked releases and terms come in; contents, runs and cash flows go out.
"""
