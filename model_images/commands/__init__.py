"""What can be done with a model folder and its image: one file a command.

Each has `add_arguments(parser)` and `run(arguments) -> exit status`.
"""
