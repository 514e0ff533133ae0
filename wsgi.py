"""For a WSGI server of your own: `gunicorn wsgi:app` (settings come from the environment; see docs/operating.md)."""

from partner_compliance.app import create_app

app = create_app()
