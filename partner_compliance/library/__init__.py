"""The content on the shelf: its shapes, its reading and its checking. No database, no web."""
