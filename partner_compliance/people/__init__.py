"""People: joining, leaving, moving, posts, what each has in hand, and the page of one person."""
