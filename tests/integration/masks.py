"""The pixels of COCO masks, drawn one by one.

A pixel is a number. Pixels are counted down the columns of the image.
"""

from math import ceil


def extent_and_area(pixels, height):
    """(x, y, w, h, area) of some pixels."""
    if not pixels:
        return (0, 0, 0, 0, 0)
    columns, lines = {pixel // height for pixel in pixels}, {pixel % height for pixel in pixels}
    return (min(columns), min(lines), max(columns) - min(columns) + 1, max(lines) - min(lines) + 1,
            len(pixels))


def mask_pixels(mask):
    """Of a compressed mask."""
    return runs_pixels(unpack(mask["counts"]))


def runs_pixels(runs):
    """Of alternating runs of 0 and 1."""
    at, ones = 0, set()
    for n, run in enumerate(runs):
        if n % 2:
            ones.update(range(at, at + run))
        at += run
    return ones


def unpack(text):
    runs, value, shift = [], 0, 0
    for c in text:
        bits = ord(c) - 48
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return runs


def polygon_pixels(polygons, height, width):
    """Of a list of polygons, as cocoapi's maskApi.c draws them: what any of them covers."""
    return set().union(*(outline_pixels(polygon, height, width) for polygon in polygons))


def outline_pixels(polygon, height, width):
    """The pixels of a polygon, as a set.

    The crossings of its outline with the centres of columns are sorted in the order of pixels. The
    pixels between the first and the second are inside, those between the third and the fourth, etc.
    """
    places = []
    boundary = list(walk(polygon))
    for (x, y), (next_x, next_y) in zip(boundary, boundary[1:]):
        column, rest = divmod(min(x, next_x), 5)
        if next_x != x and rest == 2 and 0 <= column < width:
            places.append(column * height + min(max(ceil((min(y, next_y) - 2) / 5), 0), height))
    places.sort()
    pixels = set()
    for start, end in zip(places[0::2], places[1::2]):
        pixels.update(range(start, end))
    return pixels


def walk(polygon):
    """The boundary, closed, in points a fifth of a pixel apart; int() goes towards zero."""
    corners = [(int(5 * x + .5), int(5 * y + .5)) for x, y in zip(polygon[0::2], polygon[1::2])]
    for start, end in zip(corners, corners[1:] + corners[:1]):
        wide, high = abs(end[0] - start[0]), abs(end[1] - start[1])
        if wide >= high:
            yield from steps(start, end, wide)
        else:
            yield from ((x, y) for y, x in steps(start[::-1], end[::-1], high))


def steps(start, end, count):
    """The points of an edge. They are computed from the smaller to the larger first coordinate.

    That decides how the second coordinate is rounded.
    """
    (first, second), (_, last) = sorted((start, end), key=lambda point: point[0])
    slope = (last - second) / count if count else 0.0
    points = [(first + step, int(second + slope * step + .5)) for step in range(count + 1)]
    return points if start[0] <= end[0] else points[::-1]


def made_up_polygons(rng):
    """One to three polygons in and around an image of 640 x 480. Small ones may have no pixel."""
    reach = rng.choice([1, 20, 200, 600])
    x, y = rng.uniform(-50, 700), rng.uniform(-50, 500)
    return [[round(middle + rng.uniform(-reach, reach), rng.choice([0, 1, 2]))
             for _ in range(rng.randint(3, 9)) for middle in (x, y)]
            for _ in range(rng.randint(1, 3))]
