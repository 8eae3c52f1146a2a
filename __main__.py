"""The Pulumi program of every stack: the stack's name says which of the four kinds it is."""

from stacks.run import main

main()
