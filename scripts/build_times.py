"""Where the time of a build goes: seconds by folder, and for each 1,000 lines of its sources.

Usage: build_times.py [PRESET], default release. Adds up what Ninja recorded of each output's last
build: times of single jobs, of which several ran at once. Compare shares on a busy machine, seconds
only on an idle one.
"""

import collections
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = {".cc", ".h", ".cu"}


def job_seconds(log):
    """{output: seconds} of a .ninja_log, the last entry of each output."""
    seconds = {}
    for line in log.splitlines():
        if line.startswith("#"):
            continue
        begin_ms, end_ms, _, output, _ = line.split("\t")
        seconds[output] = (int(end_ms) - int(begin_ms)) / 1000
    return seconds


def folder_of(output):
    """The source folder of an object; "precompiled headers", "linking" and the like for the rest."""
    if output.endswith(".gch"):
        return "precompiled headers"
    if not output.endswith(".o"):
        return "linking and else"
    return output.split("/CMakeFiles/")[0] if "/CMakeFiles/" in output else "precompiled headers"


def by_folder(log):
    total = collections.Counter()
    for output, seconds in job_seconds(log).items():
        total[folder_of(output)] += seconds
    return total


def lines_of(folder, others):
    """Lines of the sources below this folder but not below another that is built by itself; 0: it is none."""
    inner = [ROOT / other for other in others if other.startswith(folder + "/")]
    files = [f for f in (ROOT / folder).rglob("*") if f.suffix in SOURCES]
    return sum(len(f.read_text().splitlines()) for f in files if not any(o in f.parents for o in inner))


def main(preset):
    log = ROOT / "build" / preset / ".ninja_log"
    if not log.is_file():
        sys.exit(f"build_times: {log}: not there: scripts/build.sh {preset} makes it")
    total = by_folder(log.read_text())
    lines = {folder: lines_of(folder, list(total)) for folder in total}
    rows = [(folder, total[folder], lines[folder]) for folder in sorted(total, key=lambda f: -total[f])]
    rows.append(("all", sum(total.values()), sum(lines.values())))
    print(f"{'':<28}{'s':>8}{'lines':>8}{'s per 1,000 lines':>20}")
    for folder, seconds, count in rows:
        share = f"{1000 * seconds / count:.1f}" if count else ""
        print(f"{folder:<28}{seconds:>8.1f}{count or '':>8}{share:>20}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "release")
