"""Prints the tests that were skipped, and why: ctest shows nothing of a program that passed.

Usage: skipped_tests.py RESULTS.xml, as ctest --output-junit writes it with the outputs of passed
tests in full. One line per skipped test.
"""

import re
import sys
import xml.etree.ElementTree

SKIPPED = re.compile(r"^\S+:\d+: Skipped\n(.*?)\n*^\[  SKIPPED \] (\S+)", re.MULTILINE | re.DOTALL)


def skipped(results):
    """(test, reason) of every skipped test, in the order of the file."""
    found = []
    for case in xml.etree.ElementTree.parse(results).getroot().iter("testcase"):
        output = case.findtext("system-out") or ""
        cases = [(test, " ".join(reason.split())) for reason, test in SKIPPED.findall(output)]
        if not cases and case.find("skipped") is not None:
            cases = [(case.get("name"), "no reason given")]
        found += cases
    return found


if __name__ == "__main__":
    for name, reason in skipped(sys.argv[1]):
        print(f"test: skipped {name}: {reason}")
