"""Many clips on one executor, on two, and on two of which one is killed: many.py PROGRAM LIST.jsonl [OPTIONS]

LIST is one of tests/many/make_clips.py; OPTIONS are those of classify. Says how long each took, and whether the rows are
those of the program by itself.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time

import cluster
import processes
from movinet_tf_spark import classify_lines

PARTITIONS = 20


def session(executors):
    began = time.monotonic()
    spark = cluster.start(executors)
    spark.range(executors).repartition(executors).mapInArrow(lambda batches: batches, "id long").collect()
    print(f"{executors} executors: {time.monotonic() - began:.1f} s until Spark and its Pythons work", flush=True)
    return spark


def kill_one(spark, done):
    """Kills an executor when a third is done."""
    tracker = spark.sparkContext.statusTracker()
    while not done.is_set():
        stages = filter(None, map(tracker.getStageInfo, tracker.getActiveStageIds()))
        if any(stage.numTasks == PARTITIONS and stage.numCompletedTasks >= PARTITIONS // 3 for stage in stages):
            processes.kill(processes.executors()[0])
            print("an executor was killed", flush=True)
            return
        time.sleep(0.05)


def main():
    program, clips, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        alone, output = os.path.join(folder, "alone.parquet"), os.path.join(folder, "rows.parquet")
        began = time.monotonic()
        subprocess.run([program, "-q", "classify", clips, "--out", alone, *options])
        print(f"the program by itself: {time.monotonic() - began:.1f} s", flush=True)
        for executors, is_one_killed in (1, False), (2, False), (2, True):
            spark = session(executors)
            began, done = time.monotonic(), threading.Event()
            if is_one_killed:
                threading.Thread(target=kill_one, args=(spark, done), daemon=True).start()
            lines = spark.read.text(clips).repartition(PARTITIONS)
            classify_lines(lines, options, program).write.mode("overwrite").parquet(output)
            seconds = time.monotonic() - began
            done.set()
            rows, expected = (spark.read.parquet(path).drop("seconds") for path in (output, alone))
            assert rows.schema == expected.schema
            rows, expected = sorted(map(repr, rows.collect())), sorted(map(repr, expected.collect()))
            different = sum(row != wanted for row, wanted in zip(rows, expected)) + abs(len(rows) - len(expected))
            print(f"{executors} executors: {seconds:.1f} s, {len(rows)} rows, {different} differ", flush=True)
            for row, wanted in [pair for pair in zip(rows, expected) if pair[0] != pair[1]][:3]:
                print(f"{row}\n{wanted}")
            cluster.stop(spark)


if __name__ == "__main__":
    main()
