"""skipped_tests.py finds the reason of each skipped test in what ctest writes. Run by ctest."""

import pathlib
import tempfile
import unittest

import skipped_tests

ONE_OF_TWO = """[ RUN      ] Disk.Full
/tree/disk_test.cc:45: Skipped
mounting a tmpfs: not permitted

[  SKIPPED ] Disk.Full (0 ms)
[ RUN      ] Disk.Empty
[       OK ] Disk.Empty (0 ms)
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Disk.Full
"""


class SkippedTestsTest(unittest.TestCase):
    def found(self, cases):
        with tempfile.TemporaryDirectory() as folder:
            results = pathlib.Path(folder) / "results.xml"
            results.write_text(f"<testsuite>{cases}</testsuite>")
            return skipped_tests.skipped(results)

    def test_a_reason_in_the_output_of_many_tests(self):
        case = f"<testcase name='disk_test.1'><system-out>{ONE_OF_TWO}</system-out></testcase>"
        self.assertEqual(self.found(case), [("Disk.Full", "mounting a tmpfs: not permitted")])

    def test_one_without_output(self):
        self.assertEqual(self.found("<testcase name='a_test'><skipped/></testcase>"),
                         [("a_test", "no reason given")])

    def test_none(self):
        self.assertEqual(self.found("<testcase name='a_test'><system-out>OK</system-out></testcase>"), [])


if __name__ == "__main__":
    unittest.main()
