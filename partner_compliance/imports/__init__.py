"""The roster as a file: taken in from CSV and Excel after a look at what would change, and given out again."""
