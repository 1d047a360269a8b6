"""tools/spark on a cluster of two executors: check.py PROGRAM FOLDER [NUMBER...]

Rows are compared with those that the program makes by itself: all columns but `seconds`, to the last bit.
"""

import contextlib
import csv
import os
import subprocess
import sys
import threading
import time

from pyspark.sql import functions as f

import clips
import cluster
import processes
from movinet_tf_spark import __main__ as command_line
from movinet_tf_spark import classify, classify_lines

# Rows of every kind of column.
EVERYTHING = ["--model", "fake", "--network", "both", "--logits", "--window", "0.5", "--every", "0.25"]


class Checks:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.clips = os.path.join(folder, "clips")
        os.mkdir(self.clips)
        self.items = clips.make(self.clips)
        self.lines = os.path.join(folder, "list.jsonl")
        clips.write_lines(self.lines, self.items)
        self.spark = cluster.start(2)

    def run(self, numbers):
        for name in [name for name in dir(self) if name.startswith("check_")]:
            if numbers and name.split("_")[1] not in numbers:
                continue
            began = time.monotonic()
            getattr(self, name)()
            print(f"{name[6:].replace('_', ' ')}: {time.monotonic() - began:.1f} s", flush=True)
        cluster.stop(self.spark)
        left = processes.of(self.program)
        assert processes.all_gone(left), f"processes are left: {left}"

    def expected(self, options, name=None):
        """The rows that the program makes by itself, of the list or of what `name` says."""
        output = os.path.join(self.folder, "expected.parquet")
        done = subprocess.run([self.program, "-q", "classify", name or self.lines, "--out", output, "--anew", *options])
        assert done.returncode in (0, 1), done
        return self.spark.read.parquet(output)

    def written(self, rows):
        output = os.path.join(self.folder, "rows.parquet")
        rows.write.mode("overwrite").parquet(output)
        return self.spark.read.parquet(output)

    def assert_equal(self, rows, expected, without=("seconds",)):
        rows, expected = rows.drop(*without), expected.drop(*without)
        assert rows.schema == expected.schema, f"{rows.schema}\n{expected.schema}"
        rows, expected = sorted(map(repr, rows.collect())), sorted(map(repr, expected.collect()))
        assert len(rows) == len(expected), f"{len(rows)} rows, not {len(expected)}"
        for row, wanted in zip(rows, expected):
            assert row == wanted, f"\n{row}\n{wanted}"

    def check_1_lines_give_all_columns(self):
        lines = self.spark.read.text(self.lines).repartition(5)
        rows = self.written(classify_lines(lines, EVERYTHING, self.program))
        self.assert_equal(rows, self.expected(EVERYTHING))
        assert rows.where("error is null").count() > clips.COUNT, "there are several windows"

    def check_2_the_demo_by_the_command_line(self):
        output = os.path.join(self.folder, "rows.parquet")
        command_line.main([self.lines, output, "--overwrite", "--ship", self.program, "--model", "demo"])
        self.assert_equal(self.spark.read.parquet(output), self.expected(["--model", "demo"]))
        # Spark keeps its Pythons, and so the processes: what was sent is what ran.
        places = processes.places(self.program)
        assert places and self.program not in places, places

    def check_3_bytes_are_clips_as_files_are(self):
        files = self.spark.read.format("binaryFile").load(self.clips)
        rows = self.written(classify(files, ["--model", "fake"], self.program))
        # Called as Spark calls them; it passes over files that are empty.
        expected = self.expected(["--model", "fake"], self.clips).where("error is null or error.kind != 'empty'")
        called = f.concat(f.lit("file:"), "path")
        expected = expected.withColumn("error", f.col("error").withField("message", f.replace("error.message", "path", called)))
        self.assert_equal(rows, expected.withColumn("path", called))
        found = [name for place, _, names in os.walk(self.folder) for name in names if name.startswith("clip-")]
        assert not found, found

    def check_4_a_folder_and_a_csv(self):
        output = os.path.join(self.folder, "rows.parquet")
        command_line.main([self.clips, output, "--overwrite", "--program", self.program, "--model=fake"])
        self.assert_equal(self.spark.read.parquet(output), self.expected(["--model", "fake"], self.clips))
        table = os.path.join(self.folder, "list.csv")
        with open(table, "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["ID", "To", "split", "Path", "from"])
            rows.writerows([item["id"] and str(item["id"]), item.get("to"), f"s{number}", item["path"], item.get("from")]
                           for number, item in enumerate(self.items))
        command_line.main([table, output, "--overwrite", "--keep", "split", "--program", self.program, "--model", "fake"])
        rows = self.spark.read.parquet(output)
        self.assert_equal(rows.drop("split"), self.expected(["--model", "fake"], table))
        kept = {row.path: row.split for row in rows.collect()}
        assert kept == {item["path"]: f"s{number}" for number, item in enumerate(self.items)}, kept

    def check_5_what_is_no_clip_is_a_row(self):
        table = self.spark.createDataFrame([(None, 1.0, 1), ("", 2.0, 2), ("a", -1.0, 3), ("b", float("nan"), 4)],
                                           "path string, from double, id int")
        rows = classify(table, ["--model", "fake"], self.program).orderBy("id").collect()
        assert [(row.path, row.id, row.error.kind) for row in rows] == [
            ("", "1", "bad_clip"), ("", "2", "bad_clip"), ("a", "3", "bad_clip"), ("b", "4", "missing")], rows
        assert rows[0].error.message == "there is no path", rows[0]
        lines = ["{]", "  ", "no/such.mp4", '"none"',
                 '{"path": 7, "id": "x"}', '{"id": 8}', '{"path": "\\ud800", "id": "\\ud800"}']
        lines = self.spark.createDataFrame([(line,) for line in lines], "value string").coalesce(1)
        rows = classify_lines(lines, ["--model", "fake"], self.program).collect()
        assert [(row.path, row.id, row.error.kind) for row in rows] == [
            ("{]", None, "bad_clip"), ("no/such.mp4", None, "missing"), ("none", None, "missing"),
            ('{"path": 7, "id": "x"}', "x", "bad_clip"), ('{"id": 8}', "8", "bad_clip"),
            ('{"path": "\\ud800", "id": "\\ud800"}', "?", "bad_clip")], rows
        try:
            command_line.main([self.lines, "no.parquet", "--model", "fake", "--workers=2"])
        except SystemExit as end:
            assert end.code == 2, end.code
        else:
            raise AssertionError("taken")
        for wrong in [lambda: classify(table, ["--out", "x"]), lambda: classify(table.drop("path")),
                      lambda: classify(table.withColumn("model", f.lit(1)), keep=["model"])]:
            try:
                wrong()
            except ValueError:
                continue
            raise AssertionError("taken")

    def check_6_a_program_that_ends_is_run_again(self):
        once = self.wrapper("once", f'if mkdir "{self.folder}/fell" 2>/dev/null; then head -n 2 >/dev/null; kill -9 $$; fi')
        rows = self.written(classify_lines(self.spark.read.text(self.lines).repartition(3), ["--model", "fake"], once))
        assert os.path.isdir(f"{self.folder}/fell")
        self.assert_equal(rows, self.expected(["--model", "fake"]))
        never = self.wrapper("never", "echo 'there are no models' >&2; exit 3")
        try:
            classify_lines(self.spark.read.text(self.lines), ["--model", "fake"], never).collect()
        except Exception as error:
            assert "exit code 3" in str(error) and "there are no models" in str(error), error
        else:
            raise AssertionError("rows of a program that has ended")

    def check_7_no_process_is_left_when_rows_are_not_taken(self):
        rows = classify_lines(self.spark.read.text(self.lines).coalesce(1), ["--model", "fake"], self.program)
        assert len(rows.take(1)) == 1
        self.assert_equal(self.written(rows), self.expected(["--model", "fake"]))
        # One for each of the two executors, and its worker: a query ends what one before it left.
        wait_until(lambda: len(processes.of(self.program)) <= 4)

    def check_8_an_executor_is_killed(self):
        """In the middle: while all clips wait for it, after some are done."""
        slow = self.wrapper("slow", "", "while read -r line; do echo \"$line\"; sleep 0.2; done | ")
        executors = processes.executors()
        assert len(executors) == 2, executors
        killed = threading.Event()

        def kill():
            tracker = self.spark.sparkContext.statusTracker()
            while not any(info and info.numCompletedTasks >= 2 and info.numActiveTasks and info.numTasks == 12 for info in
                          map(tracker.getStageInfo, tracker.getActiveStageIds())):
                time.sleep(0.05)
            processes.kill(executors[0])
            killed.set()

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        lines = self.spark.read.text(self.lines).repartition(12)
        rows = self.written(classify_lines(lines, ["--model", "demo"], slow))
        assert killed.wait(20), "no executor was killed in the middle"
        self.assert_equal(rows, self.expected(["--model", "demo"]))
        assert rows.select("path").distinct().count() == rows.count() == clips.COUNT

    def check_9_the_program_ends_with_its_python(self):
        """At once, and in the middle of a clip that would take a minute."""
        clip = os.path.join(self.folder, "hangs.mp4")
        with open(clip, "wb") as file:
            file.write(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
        ffmpeg = self.script("ffmpeg", "exec sleep 60")
        program = self.wrapper("hangs", f"export MOVINET_TF_FFMPEG={ffmpeg}")
        before = set(processes.of(self.program))
        rows = classify(self.spark.createDataFrame([(clip,)], "path string"), ["--model", "fake"], program)
        asked = threading.Thread(target=collect_in_vain, args=(rows,), daemon=True)
        asked.start()
        wait_until(lambda: len(set(processes.of(self.program)) - before) >= 2)
        working = set(processes.of(self.program)) - before
        (python,) = {processes.parent(pid) for pid in working} - working
        processes.kill(python)
        assert processes.all_gone(working, 5), working
        self.spark.sparkContext.cancelAllJobs()

    def script(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(f"#!/bin/bash\n{text}\n")
        os.chmod(path, 0o755)
        return path

    def wrapper(self, name, first, before="exec "):
        """A program that does something `first`, and then what the program does."""
        return self.script(name, f'{first}\n{before}"{self.program}" "$@"')


def wait_until(condition, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "nothing came of it"
        time.sleep(0.05)


def collect_in_vain(rows):
    with contextlib.suppress(Exception):
        rows.collect()


if __name__ == "__main__":
    Checks(*map(os.path.realpath, sys.argv[1:3])).run(sys.argv[3:])
