"""The same image over files: rows of every object of a folder in, predictions of these rows out, object by object."""
