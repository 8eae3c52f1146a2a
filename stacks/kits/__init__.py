"""One kit a cloud: the only place that names its component classes, and that turns settings into their args."""
