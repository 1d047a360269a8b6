"""Makes clips as a folder of someone's has them, one in twenty of them broken: make_clips.py FOLDER [COUNT [FFMPEG]]

FOLDER/list.jsonl names them; `id` is what becomes of each: {"n": number, "kind": an error's kind, or null}. One ends the process that
has it decoded, by FOLDER/deadly-ffmpeg, which is to be named in MOVINET_TF_FFMPEG. Wants numpy, pillow and opencv, as tools/demo-model
does.
"""

import json
import os
import subprocess
import sys

import numpy as np
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/demo-model"))
from render import random_clip

EVERY = 20
# More lengths than compiled forms are kept of.
LENGTHS = range(8, 8 + 200)


def gif(path, clip):
    frames = [Image.fromarray(frame) for frame in clip]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0)


def video(ffmpeg, path, clip, *options):
    height, width = clip.shape[1:3]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{width}x{height}", "-framerate", "10", "-i", "-"]
    command = [ffmpeg, "-nostdin", "-y", "-v", "error", *raw, "-pix_fmt", "yuv420p", *options, path]
    subprocess.run(command, input=clip.tobytes(), check=True)


def half(path):
    with open(path, "rb") as file:
        content = file.read()
    with open(path, "wb") as file:
        file.write(content[:len(content) // 2])


def without_picture(ffmpeg, path):
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=0.3"]
    subprocess.run([ffmpeg, "-nostdin", "-y", "-v", "error", *tone, path], check=True)


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def broken(way, folder, number, clip, ffmpeg):
    """A broken clip: its name and the kind of its error."""
    name = f"{number}-{way}"
    path = os.path.join(folder, name)
    match way:
        case "missing.mp4":
            return name, "missing"
        case "empty.mp4":
            write(path, b"")
            return name, "empty"
        case "page.mp4":
            write(path, b"<!DOCTYPE html><html><title>404 Not Found</title></html>")
            return name, "not_video"
        case "words.mp4":
            write(path, b"These are words, and no video at all.\n" * 40)
            return name, "not_video"
        case "sound.m4a":
            without_picture(ffmpeg, path)
            return name, "not_video"
        case "cut.gif":
            gif(path, clip)
            half(path)
            return name, "cut_short"
        case "cut.mp4":  # its index is at the end
            video(ffmpeg, path, clip, "-c:v", "libx264", "-preset", "ultrafast")
            half(path)
            return name, "cut_short"
        case "array.npy":
            np.save(path, np.zeros((3, 4), np.float32))
            return name, "bad_clip"
        case "range.npy":
            np.save(path, np.full((4, 8, 8, 3), 7.0, np.float32))
            return name, "bad_clip"
        case "deadly.mp4":
            video(ffmpeg, path, clip, "-c:v", "libx264", "-preset", "ultrafast")
            return name, "internal"


WAYS = ["missing.mp4", "empty.mp4", "page.mp4", "words.mp4", "sound.m4a", "cut.gif", "cut.mp4", "array.npy", "range.npy"]


def main():
    folder = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    ffmpeg = sys.argv[3] if len(sys.argv) > 3 else "ffmpeg"
    os.makedirs(folder, exist_ok=True)
    failing = 0
    with open(os.path.join(folder, "list.jsonl"), "w") as lines:
        for number in range(count):
            clip, _ = random_clip(number, 8, 64)
            length = LENGTHS[number * 77 % len(LENGTHS)]
            clip = np.concatenate([clip] * (length // 8 + 1))[:length]
            kind = None
            if number % EVERY == EVERY // 2:
                way = "deadly.mp4" if failing == 1 else WAYS[failing % len(WAYS)]
                name, kind = broken(way, folder, number, clip, ffmpeg)
                failing += 1
            elif number % 3 == 0:
                name = f"{number}.gif"
                gif(os.path.join(folder, name), clip)
            elif number % 3 == 1:
                name = f"{number}.mp4"
                video(ffmpeg, os.path.join(folder, name), clip, "-c:v", "libx264", "-preset", "ultrafast")
            else:
                name = f"{number}.avi"
                video(ffmpeg, os.path.join(folder, name), clip, "-c:v", "mpeg4", "-q:v", "3")
            lines.write(json.dumps({"path": os.path.join(folder, name), "id": {"n": number, "kind": kind}}) + "\n")
    deadly = os.path.join(folder, "deadly-ffmpeg")
    with open(deadly, "w") as script:
        script.write(f'#!/bin/sh\ncase "$*" in *deadly.mp4*) kill -9 $PPID; sleep 10 ;; esac\nexec {ffmpeg} "$@"\n')
    os.chmod(deadly, 0o755)
    print(f"{count} clips in {folder}, {failing} of them broken")


if __name__ == "__main__":
    main()
