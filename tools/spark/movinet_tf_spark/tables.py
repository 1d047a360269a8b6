"""What the command line takes as its input, as DataFrames."""

import math
import os
import re

from pyspark.sql import functions as f

from movinet_tf_spark import csv_lists, frames

# Files of a folder with other endings are passed over.
CLIPS = ("264 265 3g2 3gp asf avi divx dv f4v flv gif h264 h265 hevc ivf m1v m2ts m2v m4v mjpeg mjpg mkv mov mp4 mpe mpeg mpg "
         "mts mxf npy npz obu ogm ogv qt rm rmvb ts vob webm wmv wtv y4m").split()
# A partition has about so many clips: what is done again when an executor is lost.
CLIPS_A_PARTITION = 50
# And there are so many for each place where one is worked on, so that none has to wait for the last one for long.
PARTITIONS_A_SLOT = 4
# Clips as bytes are given on so many at a time.
BYTES_TOGETHER = 8


def rows(spark, name, partitions, keep, options, program):
    """The rows of the clips that `name` says: a table (.parquet, .csv), lines (.jsonl, .ndjson, .txt), else a folder."""
    ending = os.path.splitext(name.rstrip("/"))[1].lower()
    beside = os.path.dirname(os.path.abspath(name)) if _is_local(name) else None
    if ending in (".jsonl", ".ndjson"):
        if keep:
            raise ValueError("--keep: of lines nothing can be kept but 'id', which may be any JSON")
        lines = _spread(spark, spark.read.text(name), partitions)
        return frames.classify_lines(lines, options, program, beside)
    if ending == ".parquet":
        clips = spark.read.parquet(name)
    elif ending == ".csv":
        clips = csv_lists.read(spark, name)
    elif ending == ".txt":
        clips = spark.read.text(name).withColumnRenamed("value", "path").where(f.trim("path") != "")
    else:
        clips = _folder(spark, name)
    if "content" in [column.lower() for column in clips.columns]:
        # Spark's files are its partitions: bytes are not to be sent around.
        spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", BYTES_TOGETHER)
    else:
        clips = _spread(spark, clips, partitions)
    return frames.classify(clips, options, program, keep, beside)


def _folder(spark, name):
    """The clips in a folder and in those in it: their paths where it is one of the system's, else their bytes."""
    if _is_local(name):
        return spark.createDataFrame([(path,) for path in _files(re.sub("^file:(//)?", "", name))], "path string")
    files = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(name)
    return files.where(f.lower(f.substring_index("path", ".", -1)).isin(CLIPS)).select("path", "content")


def _files(folder):
    """The paths of the clips. Spark would pass over empty files, which are rows."""
    if not os.path.isdir(folder):
        raise ValueError(f"'{folder}' is no folder, and no .parquet, .csv, .jsonl or .txt")
    seen = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and _is_new(os.path.join(place, name), seen))
        for name in sorted(names):
            if not name.startswith(".") and os.path.splitext(name)[1][1:].lower() in CLIPS:
                yield os.path.join(place, name)


def _is_new(folder, seen):
    """Whether a folder isn't among those that were `seen`, under whatever name; it is from now on."""
    found = os.stat(folder)
    identity = found.st_dev, found.st_ino
    return identity not in seen and not seen.add(identity)


def _spread(spark, clips, partitions):
    """The clips in so many `partitions`, or as many as suit."""
    if partitions is None:
        count = clips.count()
        partitions = max(math.ceil(count / CLIPS_A_PARTITION), spark.sparkContext.defaultParallelism * PARTITIONS_A_SLOT)
        partitions = max(1, min(partitions, count))
    return clips.repartition(partitions)


def _is_local(name):
    """Whether the name is not a URI of another file system."""
    return name.startswith("file:") or not re.match("[A-Za-z][A-Za-z0-9+.-]+:", name)
