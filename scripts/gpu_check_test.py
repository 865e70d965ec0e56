"""What scripts/gpu_check.sh brings back, run with stand-ins for the GPU's tools and ckptbench. Run by ctest."""

import os
import pathlib
import subprocess
import tarfile
import tempfile
import textwrap
import tomllib
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent / "gpu_check.sh"
MOST_FILES, MOST_BYTES = 8, 16 << 20  # of what comes back from a machine that is lent

NVIDIA_SMI = """
case $1 in
  -L) echo "GPU 0: NVIDIA Test (UUID: GPU-1)" ;;
  *) echo "NVIDIA Test, 580.1, 143771 MiB" ;;
esac
"""

PYTHON = 'echo "$SITE"'

# A run writes its records first, then what a report has, and what a failed row leaves. The hook is the test's own.
BENCH = """
command=$1 suite=$2
[ "$command" = run ] || { echo "reported $suite"; exit 0; }
folder=$4
mkdir -p "$folder/cells/row.$suite/checkpoints" "$folder/charts"
echo '{"cell":"'"$suite"'"}' >"$folder/results.jsonl"
echo '{}' >"$folder/environment.json"
echo "worker says $suite" >"$folder/cells/row.$suite/measure.log"
head -c 20000000 /dev/urandom >"$folder/cells/row.$suite/checkpoints/step-1.safetensors"
head -c 20000000 /dev/zero >"$folder/cells/row.$suite/checkpoints/large.log"
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo chart >"$folder/charts/$i.svg"; done
echo report >"$folder/report.html"
echo figures >"$folder/table.md"
echo "table of $suite"
eval "${HOOK:-}"
"""


class GpuCheckTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.out = self.folder / "out"
        self.here = self.folder / "here"
        self.here.mkdir()
        self.site = self.folder / "site"
        (self.site / "torch/lib").mkdir(parents=True)
        (self.site / "torch/lib/libcudart.so.13").touch()
        self.program("path/nvidia-smi", NVIDIA_SMI)
        self.program("path/stub-python", PYTHON)
        self.program("bundle/bin/ckptbench", BENCH)

    def program(self, name, body):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/usr/bin/env bash\nset -eu\n" + textwrap.dedent(body))
        path.chmod(0o755)

    def check(self, hook="", tests_end="0"):
        environment = os.environ | {
            "PATH": f"{self.folder}/path:{os.environ['PATH']}", "CKPT_PYTHON": "stub-python",
            "SITE": str(self.site), "OUT": str(self.out), "HOOK": hook, "TESTS_END": tests_end}
        return subprocess.run(["bash", SCRIPT, "--bundle", self.folder / "bundle", "--out", self.out],
                              cwd=self.here, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)

    def brought_back(self):
        return {str(path.relative_to(self.out)): path for path in self.out.rglob("*") if path.is_file()}

    def texts(self):
        with tarfile.open(self.out / "texts.tar.gz") as tar:
            return {member.name.removeprefix("./"): tar.extractfile(member).read().decode() for member in tar}

    def expect_small(self):
        files = self.brought_back()
        self.assertLessEqual(len(files), MOST_FILES, sorted(files))
        for name, path in files.items():
            self.assertLessEqual(path.stat().st_size, MOST_BYTES, name)
            self.assertEqual(path.parent, self.out, name)
        self.assertEqual(list(self.here.iterdir()), [], "what the runs wrote is removed")

    def test_brings_back_a_few_small_files_of_both_stages(self):
        end = self.check()
        self.assertEqual(end.returncode, 0, end.stdout)
        self.expect_small()
        files = self.brought_back()
        self.assertEqual(files["gpu-smoke.jsonl"].read_text(), '{"cell":"gpu-smoke"}\n')
        self.assertEqual(files["gpu.jsonl"].read_text(), '{"cell":"gpu"}\n')
        log = files["log.txt"].read_text()
        for line in ("NVIDIA Test, 580.1, 143771 MiB", "table of gpu-smoke", "table of gpu", "exit code 0"):
            self.assertIn(line, log)
        self.assertIn("gpu/environment.json", self.texts())
        self.assertIn("gpu-smoke/table.md", self.texts())

    def test_a_failed_row_leaves_its_log_and_no_checkpoint(self):
        end = self.check("exit 1")
        self.assertEqual(end.returncode, 1, end.stdout)
        self.expect_small()
        texts = self.texts()
        self.assertEqual(texts["gpu-smoke/cells/row.gpu-smoke/measure.log"], "worker says gpu-smoke\n")
        self.assertEqual([name for name in texts if "checkpoints" in name], [])
        self.assertNotIn("gpu.jsonl", self.brought_back(), "a failed smoke ends the check")
        self.assertIn("exit code 1", self.brought_back()["log.txt"].read_text())

    def test_the_tests_of_the_gpus_own_code_come_first(self):
        self.program("bundle/bin/gpu-test", 'echo "tests $*"; exit "${TESTS_END:-0}"')
        end = self.check()
        self.assertEqual(end.returncode, 0, end.stdout)
        log = self.brought_back()["log.txt"].read_text()
        self.assertLess(log.index("tests --gtest_filter=GpuDigest.*"), log.index("table of gpu-smoke"))
        end = self.check(tests_end="7")
        self.assertEqual(end.returncode, 1, end.stdout)
        self.assertIn("table of gpu\n", end.stdout, "the suites say more")

    # The run goes on only when its first record has come back.
    def test_results_come_back_while_a_stage_runs(self):
        end = self.check('tries=0; until grep -q "$suite" "$OUT/$suite.jsonl" 2>/dev/null; do sleep 0.1; '
                         '[ $((tries += 1)) -lt 300 ] || exit 3; done')
        self.assertEqual(end.returncode, 0, end.stdout)

    def test_a_stage_that_was_stopped_is_reported_and_the_next_one_runs(self):
        end = self.check('[ "$suite" != gpu-smoke ] || exit 124')
        self.assertEqual(end.returncode, 3, end.stdout)
        log = self.brought_back()["log.txt"].read_text()
        self.assertIn("gpu-smoke was stopped", log)
        self.assertIn("reported ", log)
        self.assertIn("table of gpu\n", log)

    # Else the GPU sleeps in the rows whose large states make its memory busy.
    def test_shapes_load_the_memory_in_measured_rows(self):
        suite = tomllib.loads((SCRIPT.parent.parent / "suites/gpu.toml").read_text())
        shapes = [workload for row in suite["measure"] for workload in row["workloads"]
                  if isinstance(workload, dict) and workload["name"] == "shapes"]
        self.assertTrue(shapes)
        self.assertEqual([workload.get("compute") for workload in shapes], ["memory"] * len(shapes))

    def test_without_a_gpu_it_says_so_in_one_line(self):
        self.program("path/nvidia-smi", "exit 9")
        end = self.check()
        self.assertEqual(end.returncode, 4, end.stdout)
        self.assertEqual(len(end.stdout.splitlines()), 1, end.stdout)
        self.assertFalse(self.out.exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
