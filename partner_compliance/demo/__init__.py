"""Demo data: two invented municipalities, their partners, and a year of check sheets, told relative to a moment.

`cast` says who there is, `plot` what happens to each sheet, `telling` writes it down. The same seed and moment give the
same story; only ids and the history's nonces differ. All names of bodies are invented, all names of people random.
"""

from partner_compliance.demo.telling import DatabaseNotEmpty, Loaded, Size, is_empty, load_demo

__all__ = ("DatabaseNotEmpty", "Loaded", "Size", "is_empty", "load_demo")
