"""What ONE stack is: typed settings, the four programs, the contracts between them."""
