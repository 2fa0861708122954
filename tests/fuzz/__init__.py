"""Fuzzing with Atheris: what is asserted (`laws`), and how it is run (``make fuzz``)."""
