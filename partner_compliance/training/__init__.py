"""Mini-courses: who is asked to take which, taking one, groups and paper, what is understood, own courses."""
