"""A question taken apart, searched for in several passes, and answered from all of them."""
