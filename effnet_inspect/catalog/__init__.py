"""What is known beforehand: the published variants, their tables of stages, and what has been published of them."""
