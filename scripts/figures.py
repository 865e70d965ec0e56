#!/usr/bin/env python3
"""figures.py DIR: the figures of docs/measured.md from the results that scripts/figures.sh left in DIR."""
import json
import math
import statistics
import sys
from pathlib import Path


def records(folder):
    lines = (Path(folder) / "results.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    failed = [r["cell"]["id"] + ": " + r["error"] for r in found if r["error"]]
    if failed:
        sys.exit("figures: " + "; ".join(failed))
    return found


def values(record, metric):
    for sample in record["samples"]:
        if sample["metric"] == metric:
            return sample["values"]
    sys.exit(f"figures: {record['cell']['id']} has no {metric}")


def interval(sample):
    """Median and the narrowest symmetric order statistics with at least 95 % confidence."""
    n = len(sample)
    tail = [sum(math.comb(n, i) for i in range(k)) / 2**n for k in range(n // 2 + 1)]
    fitting = [k for k in range(1, n // 2 + 1) if 1 - 2 * tail[k] >= 0.95]
    if not fitting:
        sys.exit(f"figures: {n} samples have no interval of 95 %")
    ordered = sorted(sample)
    return statistics.median(sample), ordered[fitting[-1] - 1], ordered[n - fitting[-1]]


def pick(found, strategy, size=None):
    """Of a strategy; on `shapes` of this size in bytes."""
    return [r for r in found if r["cell"]["strategy"]["name"] == strategy
            and (size is None or r["cell"]["workload"].get("params", {}).get("bytes") == str(size))]


def self_comparison(found):
    for background, title in ((False, "`null`"), (True, "`null` in the background")):
        rows = [r for r in pick(found, "null")
                if (r["cell"]["strategy"].get("params", {}).get("background") == "true") == background]
        if not rows:
            sys.exit(f"figures: no A/A rows of {title}")
        runs = [interval(values(r, "paired_ratio")) for r in rows]
        holds = sum(low <= 1 <= high for _, low, high in runs)
        center = statistics.median(median for median, _, _ in runs)
        print(f"- A/A ({title} on `digits-cnn`, {len(runs)} processes): the interval of the paired ratio contains 1 in "
              f"{holds} of {len(runs)}; median of the ratios {center:.4f}.")


def drift(found):
    for strategy in ("sync", "async"):
        runs = [interval(values(r, "stall_ns")) for r in pick(found, strategy, 50_000_000)]
        medians = sorted(median / 1e6 for median, _, _ in runs)
        width = statistics.median((high - low) / 1e6 for _, low, high in runs)
        outside = sum(not low <= other <= high for i, (_, low, high) in enumerate(runs)
                      for j, (other, _, _) in enumerate(runs) if i != j)
        print(f"- Drift (`{strategy}`, `shapes` 50 MB, {len(runs)} processes): medians of the stall "
              f"{medians[0]:.1f} to {medians[-1]:.1f} ms, middle {statistics.median(medians):.1f}; width of the "
              f"interval within one process {width:.1f} ms; of "
              f"{len(runs) * (len(runs) - 1)} pairs, {outside} have the median of the one outside the interval of "
              f"the other.")


def ratio_line(title, record, top, bottom):
    a, b = values(record, top), values(record, bottom)
    median, low, high = interval([x / y for x, y in zip(a, b)]) if len(a) == len(b) else (
        statistics.median(a) / statistics.median(b), math.nan, math.nan)
    ends = "" if math.isnan(low) else f" [{low:.3f}, {high:.3f}]"
    print(f"- {title}: {median:.3f}{ends} ({statistics.median(a) / 1e6:.1f} / {statistics.median(b) / 1e6:.1f} ms).")


def stalls(found, size, title):
    sync, asynchronous = pick(found, "sync", size)[0], pick(found, "async", size)[0]
    ratio_line(f"`sync`, `shapes` {title}, stall / block", sync, "stall_ns", "block_ns")
    ratio_line(f"`async`, `shapes` {title}, stall / memcpy of the state", asynchronous, "stall_ns", "probe_memcpy_ns")
    ratio_line(f"`async`, `shapes` {title}, block / memcpy of the state", asynchronous, "block_ns", "probe_memcpy_ns")
    parts = [f"{name} {median / 1e6:.1f} [{low / 1e6:.1f}, {high / 1e6:.1f}]" for name, (median, low, high) in
             ((name, interval(values(asynchronous, f"{name}_ns"))) for name in
              ("stall", "block", "interference", "interference_floor"))]
    print(f"- `async`, `shapes` {title}, ms: {', '.join(parts)}.")


def restores(path):
    rows = json.loads(Path(path).read_text())["benchmarks"]
    medians = [r for r in rows if r.get("aggregate_name") == "median"]
    for name, title in (("open_and_restore", "restoring its newest checkpoint"), ("open_and_list", "listing all")):
        found = sorted((int(r["run_name"].split("/")[1]), r["real_time"]) for r in medians
                       if r["run_name"].startswith(name))
        cells = ", ".join(f"{count}: {ms:.2f} ms ({ms / found[0][1]:.2f})" for count, ms in found)
        print(f"- Opening a directory and {title}, by checkpoints retained: {cells}.")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: figures.py DIR")
    folder = Path(sys.argv[1])
    figures = records(folder / "figures")
    self_comparison(figures)
    drift(figures)
    stalls(figures, 200_000_000, "200 MB")
    stalls(figures, 1_200_000_000, "1.2 GB")
    restores(folder / "restore.json")


main()
