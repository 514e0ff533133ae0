"""Writes docs/openapi.json, the description of the API, from the code: `.venv/bin/python tools/openapi.py`."""

from pathlib import Path

from partner_compliance.api import openapi, v1

#: Importing the addresses of version 1 is what fills the table of endpoints.
assert v1.bp.url_prefix == "/api/v1"  # noqa: S101 - so that the import is used

if __name__ == "__main__":
    (Path(__file__).parent.parent / "docs" / "openapi.json").write_text(openapi.written(), encoding="utf-8")
