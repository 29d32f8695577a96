"""The market: what measures do to flows, prices and shortages, each answer proved.

`walk` follows a material through months, `clear` settles one period; `market_baseline` is the
balanced chain as a market at rest. See `docs/methods/market.md` for the mathematics.
"""
