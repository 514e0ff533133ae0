"""Starter kits: what a mature partner hands on, and what a new group takes over; mentors; practices of an own house."""
