#!/usr/bin/env python3
"""The table "Growth" of RESULTS.md as a plot. Usage: plot.py RESULTS.md >growth.svg

Both axes are logarithmic: what grows with the number of resources is a straight line of slope one."""
import math
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 400, 70, 70, 30, 50
SERIES = (("user seconds", 1, "#0b6bcb"), ("memory, MB", 2, "#c2410c"))


def rows(path):
    inside = False
    for line in open(path, encoding="utf-8"):
        if line.startswith("## "):
            inside = line.strip() == "## Growth"
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if inside and line.startswith("|") and cells[0].isdigit():
            yield [float(cells[0]), max(float(cells[2]), 0.01), float(cells[3].split()[0])]


def main():
    data = list(rows(sys.argv[1]))
    if not data:
        sys.exit("plot: no table of growth in " + sys.argv[1])
    x0, x1 = math.floor(math.log10(data[0][0])), math.ceil(math.log10(data[-1][0]))
    values = [r[k] for r in data for _, k, _ in SERIES]
    y0, y1 = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))

    def x(v):
        return LEFT + (math.log10(v) - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)

    def y(v):
        return HEIGHT - BOTTOM - (math.log10(v) - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM)

    view = 'viewBox="0 0 %d %d"' % (WIDTH, HEIGHT)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" %s font-family="sans-serif" font-size="12">' % view]
    out.append('<rect width="100%" height="100%" fill="white"/>')
    for p in range(x0, x1 + 1):
        at = x(10**p)
        out.append('<path d="M%.1f %dV%d" stroke="#ddd"/>' % (at, TOP, HEIGHT - BOTTOM))
        out.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>' % (at, HEIGHT - BOTTOM + 18, format(10**p, ",")))
    for p in range(y0, y1 + 1):
        out.append('<path d="M%d %.1fH%d" stroke="#ddd"/>' % (LEFT, y(10**p), WIDTH - RIGHT))
        out.append('<text x="%d" y="%.1f" text-anchor="end">%g</text>' % (LEFT - 8, y(10**p) + 4, 10**p))
    out.append('<text x="%d" y="%d" text-anchor="middle">resources</text>' % (WIDTH // 2, HEIGHT - 12))
    for name, k, color in SERIES:
        points = " ".join("%.1f,%.1f" % (x(r[0]), y(r[k])) for r in data)
        out.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>' % (points, color))
        out.extend('<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' % (x(r[0]), y(r[k]), color) for r in data)
        last = (x(data[-1][0]), y(data[-1][k]) - 8)
        out.append('<text x="%.1f" y="%.1f" text-anchor="end" fill="%s">%s</text>' % (*last, color, name))
    print("\n".join(out) + "\n</svg>")


main()
