"""The alliance: what acting together is worth, and to whom.

Games are vectors of values over all coalitions of some members; everything here is pure. What a
coalition is worth comes from the market and the economy, by way of the desk.
"""
