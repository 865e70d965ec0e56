"""Checks the project's rules on folders, includes, file sizes, names and documents.

Usage: house_check.py [ROOT]. One line per violation: file:line: what, and what was expected.
Exit code 0: none, 1: some. docs/design.md has the rules; the tables below are the rules as data.
"""

import collections
import fnmatch
import os
import pathlib
import re
import subprocess
import sys
import link_lines
import tested_folders
from house_check_texts import TOP_FOLDERS, headings_in_comments, includes_of, paths_in_comments, types_of, words_in

# Folder -> the folders directly beneath it. It may include and link those and whatever they may
# include; a folder that is not named here follows the rules of the nearest one above it, and one
# without any is a violation.
BENEATH = {
    "harness/core": [],
    "harness/platform": ["harness/core"],
    "faults/api": ["harness/platform"],
    "faults": ["faults/api", "faults/file_op/preload"],
    "faults/file_op/preload": [],
    "faults/file_op/probe": ["faults"],
    "strategies/api": ["harness/platform"],
    "strategies/format": ["harness/platform"],
    "strategies/store": ["strategies/api", "strategies/format"],
    "strategies/capture": ["strategies/store"],
    "strategies/place": ["strategies/store"],
    "strategies/encode": ["strategies/capture"],
    "strategies/pipeline": ["strategies/encode", "strategies/place"],
    "strategies": ["strategies/pipeline"],
    "strategies/broken": ["strategies/api"],
    "strategies/peers": ["strategies/api"],
    "strategies/testing": ["strategies"],
    "fuzz": ["strategies", "harness/suite"],
    "workloads": ["harness/platform"],
    "harness/train": ["faults", "strategies", "strategies/broken", "strategies/peers", "workloads"],
    "harness/measure": ["harness/train"],
    "harness/worker": ["harness/measure"],
    "harness/suite": ["faults"],
    "harness/judge": ["faults"],
    "results": ["faults"],
    "results/page": ["results"],
    "harness/run": ["harness/judge", "harness/suite", "results"],
    "harness/cli": ["harness/run", "results/page"],
}
# Includes against the arrows, with their reasons. An entry that matches nothing is a violation.
INCLUDE_EXCEPTIONS = {
    ("harness/run/proof.cc", "strategies/broken/broken_list.h"):
        "a broken strategy declares beside its code which verdict must find it",
}
# Subfolders that are plug-ins: none includes another one.
PLUGIN_PARENTS = ["faults"]
NO_PLUGINS = ["faults/api"]
# Tests may also include these, and every folder named testing/.
TEST_ALSO = {
    "strategies": ["strategies", "strategies/testing"],
    "harness/measure": ["strategies"],
    "harness/cli": ["strategies/broken"],
}
TORCH_HEADERS = ("torch/", "ATen/", "c10/", "pybind11/")
TORCH_FOLDERS = ("workloads/", "strategies/peers/")
TORCH_FILES = ("harness/train/torch_runtime.cc",)

MAX_LINES = 400
MAX_FILES = 25  # of one folder, tests aside: reported, not a violation
SAME_NAMES = {"main.cc": "one per executable"}

CODE = (".cc", ".h", ".cu")
SOURCES = CODE + (".py", ".sh", ".cmake")

THREAD = re.compile(r"std::j?thread|std::async|pthread_create|ThreadTeam")


def list_files(root):
    """Names of all files of the tree: what git would commit, or everything where there is no git."""
    if (root / ".git").exists():
        out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root,
                             capture_output=True, text=True, check=True).stdout
        return sorted(name for name in set(out.splitlines()) if (root / name).exists())
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def is_test(name):
    return bool(re.search(r"(_test|_bench|_fuzz|_samples)\.cc$|(^|/)testing(/|\.h$)|/system/", name))


def unit_of(folder):
    while folder and folder not in BENEATH:
        folder = os.path.dirname(folder)
    return folder


def all_beneath(unit):
    seen, todo = set(), [unit]
    while todo:
        for beneath in BENEATH[todo.pop()]:
            if beneath not in seen:
                seen.add(beneath)
                todo.append(beneath)
    return seen


def may_include(name, included):
    unit, other = unit_of(os.path.dirname(name)), unit_of(os.path.dirname(included))
    if unit and (unit == other or other in all_beneath(unit)):
        return True
    if not unit or not other or not is_test(name):
        return False
    also = [u for top, units in TEST_ALSO.items() if name.startswith(top + "/") for u in units]
    return is_test(included) or any(other == u or other in all_beneath(u) for u in also)


def plugin_of(name):
    for parent in PLUGIN_PARENTS:
        rest = name.removeprefix(parent + "/")
        if rest != name and "/" in rest:
            folder = parent + "/" + rest.split("/")[0]
            return None if folder in NO_PLUGINS else folder
    return None


class House:
    def __init__(self, root):
        self.root = root
        self.files = list_files(root)
        self.known = set(self.files)
        self.folders = {str(parent) for name in self.files for parent in pathlib.PurePath(name).parents}
        self.violations = []
        self.reports = []
        self.texts = {}

    def text(self, name):
        if name not in self.texts:
            self.texts[name] = (self.root / name).read_text(encoding="utf-8", errors="replace")
        return self.texts[name]

    def wrong(self, name, line, what):
        self.violations.append(f"{name}:{line}: {what}")

    def includes(self):
        """(file, line, included, whether it must be ours) of every include line."""
        for name in self.files:
            if name.endswith(CODE):
                for found in includes_of(self.text(name)):
                    yield name, *found

    def check_rules(self):
        """Code of a folder without a rule might include anything."""
        for name in self.files:
            if name.endswith(CODE) and not unit_of(os.path.dirname(name)):
                self.wrong(name, 1, f"{os.path.dirname(name) or '.'} has no rule, expected one in BENEATH")

    def check_includes(self):
        edges = collections.defaultdict(dict)
        used, torch, fmt = set(), {}, {}
        for name, line, included, ours in self.includes():
            if included.startswith(TORCH_HEADERS):
                torch.setdefault(name, line)
            if included.startswith("fmt/"):
                fmt[name] = line
            if included not in self.known:
                if ours and included + ".in" not in self.known:  # configured from there
                    self.wrong(name, line, f"includes {included}, expected a file's path from the root")
                continue
            if (name, included) in INCLUDE_EXCEPTIONS:
                used.add((name, included))
                continue
            if unit_of(os.path.dirname(name)) and not may_include(name, included):
                self.wrong(name, line, f"includes {included}, against the arrows: "
                           f"{unit_of(os.path.dirname(name))} may not see {unit_of(os.path.dirname(included))}")
            plugins = plugin_of(name), plugin_of(included)
            if all(plugins) and plugins[0] != plugins[1] and not is_test(name):
                self.wrong(name, line, f"includes {included}: plug-ins never see each other")
            if not is_test(name) and os.path.dirname(name) != os.path.dirname(included):
                edges[os.path.dirname(name)].setdefault(os.path.dirname(included), (name, line))
        for name, line in torch.items():
            if not name.startswith(TORCH_FOLDERS) and name not in TORCH_FILES:
                self.wrong(name, line, "includes torch, expected only in " + " ".join(TORCH_FOLDERS + TORCH_FILES))
            if name in fmt:
                self.wrong(name, fmt[name], "includes fmt beside torch, which brings an fmt of its own")
        for name, included in set(INCLUDE_EXCEPTIONS) - used:
            self.wrong("scripts/house_check.py", 1, f"INCLUDE_EXCEPTIONS: {name} does not include {included}")
        self.check_circles(edges)

    def check_links(self):
        """A target links what its folder may include."""
        excepted = {(os.path.dirname(name), os.path.dirname(included)) for name, included in INCLUDE_EXCEPTIONS}
        for name, line, target, folder, tests, other, other_folder in link_lines.links(self.files, self.text):
            code = f"{folder}/{target}{'_test' if tests else ''}.cc"
            if (folder, other_folder) not in excepted and not may_include(code, f"{other_folder}/{other}.h"):
                self.wrong(name, line, f"{target} links {other}, against the arrows: "
                           f"{unit_of(folder) or folder} may not see {unit_of(other_folder) or other_folder}")

    def check_circles(self, edges):
        def reaches(start, goal):
            seen, todo = set(), [start]
            while todo:
                for other in edges.get(todo.pop(), {}):
                    if other == goal:
                        return True
                    if other not in seen:
                        seen.add(other)
                        todo.append(other)
            return False

        for folder, others in sorted(edges.items()):
            for other, (name, line) in sorted(others.items()):
                if folder != other and reaches(other, folder):
                    self.wrong(name, line, f"closes a circle of folders: {other} includes {folder} too, "
                               "directly or through others")

    def check_sizes(self):
        count = collections.Counter()
        for name in self.files:
            if not name.endswith(SOURCES):
                continue
            if not is_test(name):
                count[os.path.dirname(name)] += 1
            lines = len(self.text(name).splitlines())
            if lines > MAX_LINES:
                self.wrong(name, lines, f"has {lines} lines, expected at most {MAX_LINES}")
        for folder, files in sorted(count.items()):
            if files > MAX_FILES:
                self.reports.append(f"{folder}: {files} files besides tests, more than {MAX_FILES}")

    def check_names(self):
        by_name = collections.defaultdict(list)
        for name in self.files:
            if name.endswith(SOURCES):
                by_name[os.path.basename(name)].append(name)
        for base, names in sorted(by_name.items()):
            if len(names) > 1 and base not in SAME_NAMES:
                self.wrong(names[1], 1, f"has the same name as {names[0]}, expected a name of its own")
        for base in SAME_NAMES:
            if len(by_name[base]) < 2:
                self.wrong("scripts/house_check.py", 1, f"SAME_NAMES: {base} stands once")

    def check_types(self):
        """Two types of one name in one program are an ODR violation that no compiler reports."""
        defined = collections.defaultdict(dict)
        for name in self.files:
            if name.endswith(CODE):
                for line, type_name in types_of(self.text(name)):
                    defined[type_name].setdefault(name, line)
        for type_name, places in sorted(defined.items()):
            (first, _), *others = places.items()
            for name, line in others:
                self.wrong(name, line, f"{type_name} is a type of {first} too, expected a name of its own "
                           "or an unnamed namespace")

    def check_threads(self):
        """Tests that ThreadSanitizer does not get are those of folders without threads."""
        for name in self.files:
            if os.path.basename(name) != "CMakeLists.txt" or "ONE_THREAD" not in self.text(name):
                continue
            folder = os.path.dirname(name)
            for inner in self.files:
                match = THREAD.search(self.text(inner)) if inner.startswith(folder + "/") and inner.endswith(CODE) else None
                if match:
                    line = self.text(inner)[:match.start()].count("\n") + 1
                    self.wrong(inner, line, f"{match[0]}: {name} says ONE_THREAD")

    def check_tests(self):
        for name in tested_folders.forgotten(self.files, self.text):
            self.wrong(name, 1, "is in no test program, expected ckpt_tests in its folder, or with it under FOLDERS")

    def check_documents(self):
        path = re.compile(r"(?<![\w/.:-])((?:%s)/[\w./*-]*[\w*/])" % "|".join(TOP_FOLDERS))
        for name in self.files:
            if not name.endswith(".md"):
                continue
            for line, text in enumerate(self.text(name).splitlines(), 1):
                for target in re.findall(r"\]\(([^)\s]+)\)", text):
                    self.check_link(name, line, target)
                for found in path.findall(re.sub(r"\]\([^)]*\)", "]", text)):
                    if not self.exists(found):
                        self.wrong(name, line, f"{found}: no such file or folder")

    def check_comments(self):
        """Files that a comment names exist; a header without a folder stands beside it."""
        for name in self.files:
            if not name.endswith(CODE):
                continue
            text = self.text(name)
            for line, path in paths_in_comments(text):
                if not self.exists(path if "/" in path else os.path.join(os.path.dirname(name), path)):
                    self.wrong(name, line, f"{path}: no such file")
            for document, section in headings_in_comments(text):
                if document in self.known and self.anchor(section) not in self.anchors(document):
                    self.wrong(name, 1, f'{document} has no heading "{section}"')
            if "§" in text:
                self.wrong(name, text[:text.index("§")].count("\n") + 1, 'names a section by §, expected its heading in ""')

    def check_words(self):
        for name in self.files:
            if not name.endswith(SOURCES + (".md", ".toml", ".yml", ".txt")):
                continue
            if name.startswith(("workloads/data/", "scripts/house_check")):
                continue
            for line, word, instead in words_in(self.text(name)):
                self.wrong(name, line, f"'{word}': expected plain English, e.g. {instead}")

    def check_link(self, name, line, target):
        if re.match(r"[a-z]+:", target):
            return
        file, _, anchor = target.partition("#")
        full = os.path.normpath(os.path.join(os.path.dirname(name), file)) if file else name
        if not self.exists(full):
            self.wrong(name, line, f"dead link: {target}")
        elif anchor and full.endswith(".md") and anchor not in self.anchors(full):
            self.wrong(name, line, f"dead link: {full} has no heading #{anchor}")

    def exists(self, path):
        path = path.rstrip("/")
        if "*" in path:
            return bool(fnmatch.filter(self.files, path)) or bool(fnmatch.filter(self.folders, path))
        return path in self.known or path in self.folders or self.with_ending(path)

    def with_ending(self, path):
        """`harness/core/digest` means digest.h and digest.cc."""
        return any(path + ending in self.known for ending in (".h", ".cc"))

    def anchors(self, name):
        return {self.anchor(heading) for heading in re.findall(r"^#+\s+(.*)$", self.text(name), re.MULTILINE)}

    def anchor(self, heading):
        return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")

    def check_version(self):
        """CMakeLists.txt has the version; the newest heading of CHANGELOG.md names it."""
        version = re.search(r"project\(\w+ VERSION ([\d.]+)", self.text("CMakeLists.txt"))[1]
        changes = self.text("CHANGELOG.md") if "CHANGELOG.md" in self.known else ""
        headings = re.findall(r"^## ([\d.]*\d)", changes, re.MULTILINE)
        if not headings or headings[0] != version:
            self.wrong("CHANGELOG.md", 1, f"its newest heading is not {version}, the version of CMakeLists.txt")

    def check(self):
        self.check_rules()
        self.check_includes()
        self.check_links()
        self.check_sizes()
        self.check_names()
        self.check_types()
        self.check_threads()
        self.check_tests()
        self.check_documents()
        self.check_comments()
        self.check_words()
        self.check_version()


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    return report(House(root.resolve()))


def report(house):
    """Checks and prints; the exit code."""
    house.check()
    for note in house.reports:
        print("note:", note)
    for violation in house.violations:
        print(violation)
    print(f"house_check: {len(house.files)} files, {len(house.violations)} violations")
    return 1 if house.violations else 0


if __name__ == "__main__":
    sys.exit(main())
