"""Checkpoints by step below one directory; shared by the shipped strategies.

A checkpoint is the file or folder <directory>/step-<step><suffix>.
"""

import pathlib
import re
import shutil


def path_of(directory, step, suffix=""):
    return pathlib.Path(directory) / f"step-{step:012d}{suffix}"


def steps(directory, suffix=""):
    """All steps that have a checkpoint by that name, newest first."""
    pattern = re.compile(r"step-(\d+)" + re.escape(suffix))
    names = (pattern.fullmatch(path.name) for path in pathlib.Path(directory).iterdir())
    return sorted((int(name.group(1)) for name in names if name), reverse=True)


def chosen(steps, step):
    """The step to restore of `steps`, newest first: `step`, or the newest where that is None. None:
    there is none at all."""
    if step is None:
        return steps[0] if steps else None
    if step not in steps:
        raise FileNotFoundError(f"no checkpoint of step {step}")
    return step


def retain(directory, kept, suffix=""):
    """Deletes what has such a name, whole or not, but for the steps in `kept`."""
    for step in set(steps(directory, suffix)) - set(kept):
        path = path_of(directory, step, suffix)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
