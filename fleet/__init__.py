"""What an operator does over many stacks: bring up, preview, look, repair, take down. Sees a stack only from outside."""
