"""with_progress of progress.sh: lines while a command runs, its output where it fails. Run by ctest."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("progress.sh")


def start(command, every="0.05"):
    return subprocess.Popen(["bash", "-c", f"set -euo pipefail; . {SCRIPT}; with_progress name {command}"],
                            env={**os.environ, "CKPT_PROGRESS_S": every}, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class ProgressTest(unittest.TestCase):
    def test_lines_come_while_the_command_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            fifo = folder + "/go"
            os.mkfifo(fifo)
            # Ends only when this test, which waits for a line first, lets it.
            run = start(f"bash -c 'echo \"[3/7] Building x\"; cat {fifo}'")
            lines = []
            for line in run.stdout:
                lines.append(line)
                if "[3/7]" in line:
                    break
            with open(fifo, "w") as out:
                out.write("\n")
            run.communicate()
            self.assertEqual(run.returncode, 0)
            self.assertRegex(lines[-1], r"^name: \d+ s: \[3/7\] Building x$")

    def test_the_output_of_a_failure_is_shown_and_its_code_kept(self):
        run = start("bash -c 'echo \"[3/7] Building x\"; echo broken; exit 3'", every="60")
        out, err = run.communicate()
        self.assertEqual(run.returncode, 3)
        self.assertEqual(out, "")
        self.assertEqual(err, "broken\n")

    def test_success_is_silent(self):
        out, err = start("echo much", every="60").communicate()
        self.assertEqual((out, err), ("", ""))


if __name__ == "__main__":
    unittest.main()
