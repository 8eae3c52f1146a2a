"""The parts of `tests/recorder.py`: what was recorded, and the monitor that records it."""
