"""What the text of one file holds, as house_check.py looks for it.

Found once for each text: the tests of house_check.py check the same files some forty times.
"""

import functools
import re

# Words of other times and private metaphors, also as parts of names, and what to write instead.
# Tests of this script and data aside, no file may hold them.
PLAIN_WORDS = {
    "aloud": "with a warning",
    "badness": "what is compared, e.g. severity",
    "blam(?:ed|es?|ing)": "attribute to, or count against",
    "complain(?:ts?|s|ed|ing)?": "error, or print_error",
    "floor or a hope": "count, or are kept",
    "gone_?failure": "fixed_failure",
    "is_meant": "is_selected",
    "last_words": "error_lines",
    "need not bear": "need not hold, or only its own",
    "need not hold": "may be missing from",
    "never mind": "not used, or off",
    "obeys?": "handles, or follows",
    "patience": "timeout",
    r"say\(": "print_line, add_line",
    "strangers?": "another process",
    "(?:rule_)?str(?:ikes?|uck)(?!t)": "kill",
    "tells_a_story": "what is tested",
    "told_": "reported_",
    "whoever": "the caller, a reader, any thread",
    "without aim": "at random",
}
# At the start of a word, also of one within CamelCase or snake_case.
WORD_START = "(?:(?<![a-zA-Z])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]))"
# One search for all of them: a group for each word, in their order.
NO_PLAIN_WORD = re.compile(WORD_START + "(?i:%s)" % "|".join(f"({word})" for word in PLAIN_WORDS))

TOP_FOLDERS = ("fuzz", "harness", "strategies", "workloads", "faults", "results", "suites", "scripts", "cmake", "docs")
COMMENT_PATH = re.compile(r"(?<![\w/.:<-])(\w[\w/-]*\.(?:h|cc|cu)|(?:%s)/[\w/-]+\.(?:md|py|sh|toml))\b"
                          % "|".join(TOP_FOLDERS))

# A type defined at the left margin, so at no other type's inside.
TYPE = re.compile(r"(?:class|struct|union|enum class|enum struct|enum) (?:\[\[\w+\]\] )?(\w+)(?: final)?(?: ?:[^:].*)? \{")


@functools.cache
def includes_of(text):
    """(line, included, whether it is one of ours: quoted, or no plain name) of every include line."""
    found = ((line, re.match(r'\s*#\s*include\b\s*(.*)', part)) for line, part in enumerate(text.splitlines(), 1))
    includes = []
    for line, match in found:
        if match:
            name = re.match(r'([<"])([^>"]+)[>"]', match[1])
            ours = not name or name[1] == '"' or "./" in name[2]
            includes.append((line, name[2] if name else match[1], ours))
    return includes


@functools.cache
def types_of(text):
    """(line, name) of every type that other files can see."""
    types, hidden = [], False
    for line, part in enumerate(text.splitlines(), 1):
        hidden = (hidden or part == "namespace {") and part != "}  // namespace"
        match = TYPE.match(part)
        if match and not hidden:
            types.append((line, match[1]))
    return types


@functools.cache
def paths_in_comments(text):
    """(line, path) of every file that a comment names."""
    paths = []
    for line, part in enumerate(text.splitlines(), 1):
        comment = re.search(r"(?:^|\s)//(.*)", part)
        paths += [(line, path) for path in re.findall(COMMENT_PATH, comment[1])] if comment else []
    return paths


@functools.cache
def headings_in_comments(text):
    """(document, section) of every reference, which may be broken over two lines."""
    joined = re.sub(r"\n\s*//", "", text)
    return re.findall(r'(docs/[\w-]+\.md),? \(?"([^"]+)"', joined)


@functools.cache
def words_in(text):
    """(line, word, what to write instead) of every word of PLAIN_WORDS."""
    instead = list(PLAIN_WORDS.values())
    return [(text[:match.start()].count("\n") + 1, match[0], instead[match.lastindex - 1])
            for match in NO_PLAIN_WORD.finditer(text)]
