"""Documents that are generated from the code they describe; `python -m tools.documents --check` fails when one lags."""
