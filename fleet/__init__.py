"""What an operator does over many stacks: bring up, preview, look, repair, take down; sees stacks from outside."""
