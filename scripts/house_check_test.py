"""house_check.py sees each kind of violation: a copy of the tree per planted one. Run by ctest."""

import contextlib
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import house_check

ROOT = pathlib.Path(__file__).resolve().parent.parent


class HouseCheckTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.tree = pathlib.Path(cls.folder.name)
        for name in house_check.list_files(ROOT):
            target = cls.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def check(self):
        """In this process: a start for each of some forty planted lines took a minute."""
        house = house_check.House(self.tree)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = house_check.report(house)
        return code, out.getvalue()

    def test_the_program_ends_with_the_number_of_its_exit_code(self):
        planted = self.tree / "harness/core/planted.cc"
        for text, expected in (("", 0), ('#include "harness/run/trial.h"\n', 1)):
            planted.write_text(text)
            run = subprocess.run([sys.executable, ROOT / "scripts/house_check.py", self.tree],
                                 capture_output=True, text=True)
            self.assertEqual(run.returncode, expected, run.stdout)
        planted.unlink()

    def expect(self, name, text, *says):
        """Plants `text` at the end of a file, or as a new one, sees the violation, takes it away."""
        path = self.tree / name
        before = path.read_text() if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((before or "") + text)
        try:
            code, out = self.check()
            self.assertEqual(code, 1, out)
            for part in says:
                self.assertIn(part, out)
            self.assertTrue(any(line.startswith(name + ":") for line in out.splitlines()), out)
        finally:
            if before is None:
                path.unlink()
            else:
                path.write_text(before)

    def test_the_tree_itself_has_none(self):
        code, out = self.check()
        self.assertEqual(code, 0, out)

    def test_includes_against_the_arrows(self):
        self.expect("harness/core/cell.cc", '#include "harness/platform/files.h"\n', "against the arrows")
        self.expect("strategies/store/planted.cc", '#include "workloads/workload.h"\n', "against the arrows")
        self.expect("harness/run/planted.h", '#include "harness/train/trainer.h"\n', "against the arrows")
        self.expect("harness/judge/planted_test.cc", '#include "harness/train/trainer.h"\n', "against the arrows")

    def test_code_in_a_folder_without_a_rule(self):
        self.expect("harness/plan/planted.cc", '#include "workloads/workload.h"\n', "harness/plan has no rule")
        self.expect("tools/planted.h", "#pragma once\n", "tools has no rule")

    def test_includes_that_are_not_written_from_the_root(self):
        self.expect("harness/core/cell.cc", '#include "../run/trial.h"\n', "../run/trial.h", "from the root")
        self.expect("harness/core/cell.cc", '#include "digest.h"\n', "from the root")
        self.expect("harness/core/cell.cc", "#include <harness/core/../run/trial.h>\n", "from the root")
        self.expect("harness/core/cell.cc", "#include CKPT_HEADER\n", "from the root")

    def test_link_lines_against_the_arrows(self):
        for folder, line in (("harness/core", "target_link_libraries(ckpt_core PUBLIC ckpt_run)"),
                             ("harness/core", "target_link_libraries(ckpt_core\n  PRIVATE $<LINK_ONLY:ckpt_run>) # why"),
                             ("harness/core", "ckpt_tests(planted_test ckpt_core ckpt_run)"),
                             ("harness/core", "set(more ckpt_run)\ntarget_link_libraries(ckpt_core PUBLIC ${more})"),
                             ("strategies/api", "target_link_libraries(ckpt_strategy_api PUBLIC ckpt_store)")):
            self.expect(f"{folder}/CMakeLists.txt", line + "\n", "against the arrows", "links ")

    def test_a_link_line_of_another_folder(self):
        self.expect("results/CMakeLists.txt", "target_link_libraries(ckpt_core PUBLIC ckpt_platform)\n",
                    "harness/core may not see harness/platform")

    def test_an_exception_that_nothing_uses(self):
        path = self.tree / "harness/run/proof.cc"
        before = path.read_text()
        path.write_text(before.replace('#include "strategies/broken/broken_list.h"', ""))
        code, out = self.check()
        path.write_text(before)
        self.assertEqual(code, 1)
        self.assertIn("does not include", out)

    def test_a_circle_of_folders(self):
        inner = self.tree / "harness/core/planted/inner.h"
        inner.parent.mkdir()
        inner.write_text('#include "harness/core/other/planted.h"\n')
        self.expect("harness/core/other/planted.h", '#include "harness/core/planted/inner.h"\n', "circle")
        shutil.rmtree(inner.parent)

    def test_plugins_that_see_each_other(self):
        other = self.tree / "faults/planted_b/b.h"
        other.parent.mkdir()
        other.write_text("#pragma once\n")
        self.expect("faults/planted_a/a.cc", '#include "faults/planted_b/b.h"\n', "plug-ins")
        shutil.rmtree(other.parent)

    def test_torch_outside_its_places(self):
        self.expect("strategies/store/planted.cc", "#include <ATen/core/Tensor.h>\n", "includes torch")
        self.expect("harness/run/planted.h", "#include <torch/torch.h>\n", "includes torch")
        self.expect("harness/train/planted.cc", "#include <torch/torch.h>\n", "includes torch")
        self.expect("harness/measure/planted.cc", "#include <c10/util/Half.h>\n", "includes torch")
        self.expect("workloads/planted.cc", "#include <fmt/format.h>\n#include <ATen/ATen.h>\n", "fmt beside torch")

    def test_a_test_that_no_program_has(self):
        for folder in ("strategies/planted/inner", "harness/planted", "faults/planted/inner", "scripts"):
            self.expect(f"{folder}/planted_test.cc", "//\n", "is in no test program")

    def test_a_test_in_a_new_folder_is_found(self):
        for folder in ("strategies/place", "strategies/planted", "faults/planted", "harness/cli/system"):
            planted = self.tree / folder / "planted_test.cc"
            made = not planted.parent.exists()
            planted.parent.mkdir(exist_ok=True)
            planted.write_text("//\n")
            code, out = self.check()
            shutil.rmtree(planted.parent) if made else planted.unlink()
            self.assertEqual(code, 0, out)

    def test_a_folder_whose_tests_are_left_to_another_program(self):
        path = self.tree / "strategies/peers/CMakeLists.txt"
        before = path.read_text()
        path.write_text(before.replace("ckpt_test_program(", "#"))
        code, out = self.check()
        path.write_text(before)
        self.assertEqual(code, 1)
        self.assertIn("strategies/peers/peers_test.cc:1: is in no test program", out)

    def test_dead_links_and_paths(self):
        self.expect("README.md", "[x](docs/none.md)\n", "dead link: docs/none.md")
        self.expect("docs/design.md", "[x](format.md#no-such-heading)\n", "no heading")
        self.expect("docs/planted.md", "see `harness/core/none.h`\n", "harness/core/none.h: no such file")
        self.expect("docs/planted.md", "run scripts/none.sh\n", "scripts/none.sh: no such file")

    def test_comments_that_name_what_is_not_there(self):
        self.expect("harness/core/planted.h", "// As harness/core/none.h.\n", "harness/core/none.h: no such file")
        self.expect("harness/core/planted.h", "// As core/cell.h.\n", "core/cell.h: no such file")
        self.expect("faults/planted.cc", "int a;  // (judge/allowed.cc)\n", "judge/allowed.cc: no such file")
        self.expect("harness/core/planted.h", "// See docs/none.md.\n", "docs/none.md: no such file")
        self.expect("strategies/broken/planted.h", "// registry.h is the way in.\n", "registry.h: no such file")
        self.expect("harness/core/planted.h", '// As docs/format.md,\n// "No such section".\n', "has no heading")
        self.expect("harness/core/planted.h", "// As docs/design.md §4.\n", "by §")

    def test_words_that_are_not_plain_english(self):
        self.expect("harness/core/planted.h", "// Skipped aloud.\n", "'aloud'", "with a warning")
        self.expect("docs/planted.md", "Whoever reads this.\n", "'Whoever'")
        self.expect("results/planted.cc", "int badness();\nint told_full;\n", "'badness'", "'told_'")
        self.expect("results/planted.cc", "struct GoneFailure {};\n", "fixed_failure")
        self.expect("faults/planted.cc", "void rule_strikes();  // a stranger\n", "'rule_strikes'", "'stranger'")

    def test_words_within_names(self):
        self.expect("harness/core/planted.h", "constexpr int kComplaint = 1;\n", "'Complaint'")
        self.expect("harness/core/planted.h", "struct KilledByAStranger;\n", "'Stranger'")
        self.expect("harness/core/planted.h", "void complain_about(int the_patience);\n", "'complain'", "'patience'")
        self.expect("harness/core/planted.h", "void say(int);  // never blamed\n", "'say('", "'blamed'")

    def test_a_long_file(self):
        self.expect("harness/core/planted.cc", "//\n" * 401, "has 401 lines")

    def test_two_files_of_one_name(self):
        self.expect("results/zz/cell.cc", "//\n", "the same name as harness/core/cell.cc")

    def test_two_types_of_one_name(self):
        self.expect("harness/core/planted.h", "struct Cell {\n};\n", "Cell is a type of harness/core/cell.h too")
        self.expect("harness/run/planted.cc", "class Cell final : public Other {\n};\n", "Cell is a type")
        (self.tree / "harness/run/planted.cc").write_text("namespace {\nstruct Cell {\n};\n}  // namespace\n")
        code, out = self.check()
        (self.tree / "harness/run/planted.cc").unlink()
        self.assertEqual(code, 0, out)

    def test_a_thread_where_there_is_none(self):
        self.expect("harness/judge/planted_test.cc", "std::thread one;\n", "harness/judge/CMakeLists.txt says ONE_THREAD")

    def test_a_version_without_its_changes(self):
        path = self.tree / "CMakeLists.txt"
        before = path.read_text()
        path.write_text(before.replace("project(ckptbench VERSION ", "project(ckptbench VERSION 9."))
        code, out = self.check()
        path.write_text(before)
        self.assertEqual(code, 1)
        self.assertIn("CHANGELOG.md:1: its newest heading is not 9.", out)

    def test_a_full_folder_is_noted(self):
        for number in range(house_check.MAX_FILES + 1):
            (self.tree / f"suites/planted{number}.py").write_text("")
        code, out = self.check()
        for path in (self.tree / "suites").glob("planted*.py"):
            path.unlink()
        self.assertEqual(code, 0, out)
        self.assertIn("note: suites:", out)


if __name__ == "__main__":
    unittest.main()
