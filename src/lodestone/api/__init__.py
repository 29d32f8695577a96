"""The REST service: turns requests into verbs and answers into JSON; it calculates nothing.

`serving.serve` starts it, `application.create_app` builds it. Everything heavy is imported there,
so that importing this room costs nothing.
"""
