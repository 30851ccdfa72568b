"""The design's targets on one core: (reach, aim). "Reach" is expected, "aim" is the headline."""

MIXED = (200.0, 300.0)
UNRELATED = (350.0, 400.0)
EDITIONS = (120.0, 200.0)
END_TO_END = (120.0, 250.0)
LARGEST_INDEX = (160.0, 200.0)
SLOWDOWN = (2.0, 1.5)
BUILD = (250.0, 400.0)
INDEX_PERCENT = (20.0, 12.0)
PRIVATE_MB = (100.0, 64.0)
START_WARM = (0.6, 0.3)
START_COLD = (6.0, 2.0)
TWO_PROCESSES = (1.9, 1.95)
SPURIOUS_PER_MB = (0.1, 0.001)
CONTAINMENT_POINTS = (2.0, 0.5)
BOUNDARY = {"clean": ((0.0, 0.0), (4.0, 2.0)), "scan 5 %": ((1.0, 0.0), (24.0, 16.0))}  # median, 95 %: (reach, aim)

# (script, length, noise): recall in percent
RECALL: dict[tuple[str, int, str], tuple[float, float]] = {
    ("latin", 50, "clean"): (100.0, 100.0),
    ("latin", 50, "re-typeset"): (100.0, 100.0),
    ("latin", 50, "scan 2 %"): (90.0, 99.0),
    ("latin", 50, "scan 5 %"): (53.0, 84.0),
    ("latin", 100, "scan 2 %"): (98.0, 100.0),
    ("latin", 100, "scan 5 %"): (82.0, 98.0),
    ("latin", 300, "scan 5 %"): (99.5, 100.0),
    ("latin", 1000, "scan 5 %"): (99.5, 100.0),
    ("han", 50, "clean"): (100.0, 100.0),
    ("han", 50, "other script"): (100.0, 100.0),
    ("han", 100, "scan 5 %"): (95.0, 98.0),
}
