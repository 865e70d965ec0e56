"""Draws every *.vl.json (Vega-Lite) of a folder as *.svg beside it, offline.

Usage: render_charts.py FOLDER. Exit code 4 and one line when vl-convert-python is missing.
"""

import pathlib
import sys


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: render_charts.py FOLDER")
        return 2
    try:
        import vl_convert
    except ImportError as error:
        print(f"the Python package vl-convert-python is missing ({error})")
        return 4
    for spec in sorted(pathlib.Path(sys.argv[1]).glob("*.vl.json")):
        picture = spec.with_name(spec.name.removesuffix(".vl.json") + ".svg")
        try:
            svg = vl_convert.vegalite_to_svg(spec.read_text(), allowed_base_urls=[])
        except ValueError as error:
            print(f"{spec.name}: {str(error).splitlines()[0]}")
            return 1
        picture.write_text(svg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
