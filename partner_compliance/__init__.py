"""Partner Compliance: readiness records of private partners of child-protection councils."""

__version__ = "0.1.0"
