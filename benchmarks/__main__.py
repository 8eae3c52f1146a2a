"""`python -m benchmarks`: all of them, the quick one first."""

from __future__ import annotations

from benchmarks import fleet_preview, platform_in_process

if __name__ == "__main__":
    platform_in_process.main()
    fleet_preview.main()
