"""`python -m tools.documents [--check]`: writes every generated document, or says which lag behind."""

from __future__ import annotations

import sys

from tools.documents import model_folder, policy_reference, schemas, server_variables, settings_reference

GENERATORS = (model_folder, policy_reference, schemas, server_variables, settings_reference)


def main(words: list[str]) -> int:
    return max(generator.main(words) for generator in GENERATORS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
