"""build_times.py adds up what Ninja's log says. Run by ctest."""

import unittest

import build_times

LOG = "\n".join(["# ninja log v5",
                 "0\t9000\t1\tCMakeFiles/ckpt_torch_pch.dir/cmake_pch.hxx.gch\ta",
                 "0\t5000\t1\tharness/core/CMakeFiles/ckpt_core.dir/cell.cc.o\tb",
                 "500\t1500\t1\tharness/core/CMakeFiles/core_test.dir/cell_test.cc.o\tc",
                 "5000\t5250\t2\tbin/ckptbench\td",
                 "0\t2000\t3\tharness/core/CMakeFiles/ckpt_core.dir/cell.cc.o\tb"])


class BuildTimesTest(unittest.TestCase):
    def test_the_last_build_of_each_output_counts(self):
        self.assertEqual(dict(build_times.by_folder(LOG)),
                         {"precompiled headers": 9.0, "harness/core": 3.0, "linking and else": 0.25})

    def test_each_line_counts_for_one_folder(self):
        inner = build_times.lines_of("faults/file_op", [])
        self.assertGreater(inner, 1000)
        self.assertEqual(build_times.lines_of("faults", ["faults/file_op"]) + inner, build_times.lines_of("faults", []))
        self.assertEqual(build_times.lines_of("no such folder", []), 0)


if __name__ == "__main__":
    unittest.main()
