"""Charts as pure functions: labelled results in, SVG text out, the same bytes every time."""
