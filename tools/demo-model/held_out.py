"""Renders the clips that the demo's training holds out, and a list of them with their labels: held_out.py FOLDER

The figures of docs/demo.md: movinet-tf evaluate FOLDER/list.csv --model demo --network both --sampling tutorial
"""

import csv
import os
import sys

import numpy as np

from actions import LABELS
from train import FRAMES, HELD_OUT, rendered

COUNT, SIZE = 600, 96


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    clips, labels = rendered(COUNT, SIZE, HELD_OUT, os.path.join(folder, "rendered"))
    with open(os.path.join(folder, "list.csv"), "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label"])
        for number, (clip, label) in enumerate(zip(clips, labels)):
            name = f"{number:03}.npy"
            np.save(os.path.join(folder, name), clip)
            rows.writerow([name, LABELS[label]])
    print(f"{COUNT} clips of {FRAMES} frames in {folder}")


if __name__ == "__main__":
    main()
