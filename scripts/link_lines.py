"""The link lines of the CMakeLists.txt files: which target of which folder links which of ours."""

import pathlib
import re

CALL = re.compile(r"^[ \t]*(\w+)\(([^()]*(?:\([^()]*\)[^()]*)*)\)", re.MULTILINE)
SET = re.compile(r"^\s*set\((\w+) ([^()]*)\)", re.MULTILINE)
MAKES = ("ckpt_library", "add_library", "add_executable", "ckpt_test_program", "ckpt_tests", "ckpt_benches")
FOR_TESTS = ("ckpt_test_program", "ckpt_tests", "ckpt_benches")
LINKS = FOR_TESTS + ("target_link_libraries",)


def calls(text):
    """(line, function, words) of every call that makes or links a target."""
    plain = re.sub(r"#[^\n]*", "", text)
    for variable, value in SET.findall(plain):
        plain = plain.replace("${%s}" % variable, " ".join(value.split()))
    for match in CALL.finditer(plain):
        words = match[2].split()
        if words and match[1] in LINKS + MAKES:
            yield plain[:match.start(1)].count("\n") + 1, match[1], words


def name_in(word):
    """The target of `NAME`, `$<LINK_ONLY:NAME>` and `$<TARGET_OBJECTS:NAME>`."""
    return re.sub(r"^\$<\w+:(.*)>$", r"\1", word)


def links(files, text_of):
    """(CMakeLists.txt, line, target, its folder, whether a test program, linked target, that one's folder)."""
    lists = [name for name in files if name.endswith("CMakeLists.txt")]
    folders, tests = {}, set()
    for name in lists:
        for _, function, words in calls(text_of(name)):
            if function in MAKES:
                folders[words[0]] = str(pathlib.PurePath(name).parent)
                tests |= {words[0]} if function in FOR_TESTS else set()
    for name in lists:
        for line, function, (target, *others) in calls(text_of(name)):
            if function not in LINKS or target not in folders:
                continue
            for other in map(name_in, others):
                if other in folders:
                    yield name, line, target, folders[target], target in tests, other, folders[other]
