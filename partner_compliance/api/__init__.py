"""The API: how the systems of municipalities ask, with tokens, what their officers read on pages."""
