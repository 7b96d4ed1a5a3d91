"""Runs one module of tests: run_tests.py MODULE [TEST...]. Fails if it finds no test. SIGTERM and
SIGINT end it in order, so that no broker is left."""

import sys
import unittest

from support.processes import exit_on_signals


def main(module, *tests):
    exit_on_signals()
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{test}*" for test in tests] or None
    suite = loader.loadTestsFromName(module)
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if result.testsRun == 0:
        print("no test found", file=sys.stderr)
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
