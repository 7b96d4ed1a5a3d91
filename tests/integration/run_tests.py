"""Runs one module of tests: run_tests.py MODULE|FILE [TEST...]. Fails if it finds no test. SIGTERM
and SIGINT end it in order, so that no broker is left. Where emissions are kept, it says that it ran,
so that a module that keeps nothing is found."""

import pathlib
import sys
import unittest

from support import emissions
from support.processes import exit_on_signals


def main(module, *tests):
    exit_on_signals()
    emissions.begin()
    if module.endswith(".py"):
        file = pathlib.Path(module)
        sys.path[0], module = str(file.parent), file.stem
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{test}*" for test in tests] or None
    suite = loader.loadTestsFromName(module)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if result.testsRun == 0:
        print("no test found", file=sys.stderr)
    if len(result.skipped) == result.testsRun:
        emissions.withdraw()
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
