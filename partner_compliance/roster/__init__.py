"""The roster (従事者名簿) of an organization: who works under its command, in which post, and how that has changed."""
