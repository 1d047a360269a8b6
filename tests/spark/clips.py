"""Makes small clips and lists of them, some of them broken."""

import json
import os

from PIL import Image

COUNT = 24
BROKEN = {3: "missing", 9: "empty", 15: "cut_short", 21: "not_video"}
# What people call clips by.
IDS = [7, "seven", None, {"b": 1.50, "a": [1e16, 1e-7, "\u00e9"]}, True, "{\"a\":1}", 1e16, "", [None, {"x": -0.0}]]


def make(folder):
    """Clips of some frames each in `folder`; gives their items as a list has them."""
    items = []
    for number in range(COUNT):
        path = os.path.join(folder, f"clip {number}.gif")
        frames = [Image.new("RGB", (32, 24), ((number * 10 + frame * 3) % 256, frame * 9 % 256, number)) for frame in
                  range(4 + number % 7)]
        for frame, picture in enumerate(frames):
            picture.paste((255, 255, 0), (frame, number % 20, frame + 6, number % 20 + 5))
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=200, loop=0)
        spoil(path, BROKEN.get(number))
        items.append({"path": path, "id": IDS[number % len(IDS)]})
    items[5] |= {"from": 0.2, "to": 0.6}
    items[6] |= {"from": 60}
    return items


def spoil(path, how):
    if how == "missing":
        os.unlink(path)
    elif how == "empty":
        os.truncate(path, 0)
    elif how == "cut_short":
        os.truncate(path, 100)
    elif how == "not_video":
        with open(path, "w") as file:
            file.write("<!DOCTYPE html>")


def write_lines(path, items):
    with open(path, "w") as file:
        file.writelines(json.dumps(item) + "\n" for item in items)
