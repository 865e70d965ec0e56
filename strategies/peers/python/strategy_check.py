"""Reads a Python strategy's file and tells its mistakes without running it.

Usage: strategy_check.py FILE CLASS. Prints the first mistake on one line; nothing when there is
none. docs/python-strategies.md is the contract.
"""

import ast
import difflib
import importlib.util
import pathlib
import sys

REQUIRED = ("save", "restore")
CALLED = ("__init__", "save", "restore", "done", "durable", "wait", "list", "retain")
# Of class attributes that are read from the text: the type, and how it is written.
ATTRIBUTES = {
    "background": (bool, "True or False"),
    "may_skip": (bool, "True or False"),
    "survives": (str, "a string, as \"process,power\""),
}


def near(name, known):
    names = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return "; did you mean " + " or ".join(f"'{known}'" for known in names) + "?" if names else ""


def members_of(tree, name):
    """Names that a class has, those of its bases in the same file included; None where a base comes
    from elsewhere and may have any."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    members = []
    for node in classes[name].body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            members.append(node.name)
        elif isinstance(node, ast.Assign):
            members += [target.id for target in node.targets if isinstance(target, ast.Name)]
    for base in classes[name].bases:
        if isinstance(base, ast.Name) and base.id == "object":
            continue
        inherited = members_of(tree, base.id) if isinstance(base, ast.Name) and base.id in classes else None
        if inherited is None:
            return None
        members += inherited
    return members


def definitions(tree, name):
    """Of a class and its bases in the same file: each name with the statement that gives it to the
    class, which comes before that of a base."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found = {}
    for node in classes[name].body if name in classes else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found[node.name] = node
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name) and getattr(node, "value", None) is not None:
                found[target.id] = node
    for base in classes[name].bases if name in classes else ():
        if isinstance(base, ast.Name):
            found = definitions(tree, base.id) | found
    return found


def wrong_definition(tree, class_name):
    """The first attribute that is not written as it is read, or method that would have to be
    awaited: (line, what is wrong)."""
    wrong = []
    for name, node in definitions(tree, class_name).items():
        if isinstance(node, ast.AsyncFunctionDef) and name in CALLED:
            wrong.append((node.lineno, f"{name} is async def: ckptbench calls it and does not await it; "
                                       f"expected def {name}"))
        elif name in ATTRIBUTES and not isinstance(node, ast.FunctionDef):
            kind, expected = ATTRIBUTES[name]
            if not isinstance(node.value, ast.Constant) or not isinstance(node.value.value, kind):
                wrong.append((node.lineno, f"{name} = {ast.unparse(node.value)} of class {class_name}; "
                                           f"expected {expected}"))
    return min(wrong, default=None)


def missing_import(tree, folder):
    """The first import at the margin of a module that is not there: (line, name). One in a `try` may
    be missing."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        else:
            continue
        for name in names:
            top = name.split(".")[0]
            if importlib.util.find_spec(top) is None and not any(
                    (folder / found).exists() for found in (top, top + ".py")):
                return node.lineno, top
    return None


def mistake(file, class_name):
    try:
        tree = ast.parse(pathlib.Path(file).read_bytes(), file)
    except (SyntaxError, ValueError) as error:
        return f"{file}:{getattr(error, 'lineno', 1)}: {type(error).__name__}: {getattr(error, 'msg', error)}"
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    if class_name not in classes:
        return f"{file}: has no class '{class_name}' at its left margin{near(class_name, classes)}"
    members = members_of(tree, class_name)
    for method in REQUIRED if members is not None else ():
        if method not in members:
            return f"{file}: class {class_name} has no method '{method}'{near(method, members)}"
    wrong = wrong_definition(tree, class_name)
    if wrong:
        return f"{file}:{wrong[0]}: {wrong[1]}"
    missing = missing_import(tree, pathlib.Path(file).parent)
    if missing:
        line, name = missing
        return f"{file}:{line}: imports '{name}', which is not installed in {sys.executable}"
    return None


def main():
    if len(sys.argv) != 3:
        print(__doc__.strip().splitlines()[2])
        return 2
    sys.path.pop(0)  # this script's own folder
    found = mistake(sys.argv[1], sys.argv[2])
    if found:
        print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
