"""Which *_test.cc files are in a test program, as the CMakeLists.txt files say."""

import pathlib
import re

TESTS = re.compile(r"^\s*ckpt_tests\(([^)]*)\)", re.MULTILINE)
GLOB = re.compile(r"^\s*file\(GLOB [^)]*(?<=\s)\*_test\.cc\)", re.MULTILINE)  # for ckpt_test_program
SET = re.compile(r"^\s*set\((\w+) ([^)]*)\)", re.MULTILINE)
KEYWORDS = ("FOLDERS", "EXCEPT", "HELPERS")


def words_after(keyword, words):
    """The words of one keyword of a call of CMake."""
    found, inside = [], False
    for word in words:
        inside = word == keyword or (inside and word not in KEYWORDS)
        if inside and word != keyword:
            found.append(word)
    return found


def is_in(folder, pattern):
    """Whether a folder is one of a pattern: a '*' stands for one name."""
    return folder.match(str(pattern)) and len(folder.parts) == len(pattern.parts)


def joined(folder, pattern):
    """`folder/pattern` without its dots."""
    parts = list(pathlib.PurePath(folder).parts)
    for part in pathlib.PurePath(pattern).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return pathlib.PurePath(*parts)


def programs(name, text):
    """The test programs of the CMakeLists.txt `name`: (patterns of folders, those taken out of them)."""
    here = pathlib.PurePath(name).parent
    if GLOB.search(text) and "ckpt_test_program(" in text:
        yield [here], []
    for call in TESTS.findall(text):
        for variable, value in SET.findall(text):
            call = call.replace("${%s}" % variable, value)
        folders, others = (words_after(keyword, call.split()) for keyword in ("FOLDERS", "EXCEPT"))
        yield [joined(here, folder) for folder in folders or ["."]], [joined(here, other) for other in others]


def forgotten(files, text_of):
    """Names of the tests that no program has."""
    known = [program for name in files if name.endswith("CMakeLists.txt") for program in programs(name, text_of(name))]
    for name in files:
        folder = pathlib.PurePath(name).parent
        if name.endswith("_test.cc") and not any(
                any(is_in(folder, pattern) for pattern in folders) and not any(is_in(folder, other) for other in others)
                for folders, others in known):
            yield name
