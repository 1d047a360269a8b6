"""`movinet-tf-spark INPUT OUTPUT.parquet [options of movinet-tf classify]`."""

import argparse
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

from movinet_tf_spark import columns, shipping, tables

USAGE = "movinet-tf-spark INPUT OUTPUT.parquet [--program PROGRAM] [...] [options of movinet-tf classify]"


def main(arguments):
    parser = argparse.ArgumentParser("movinet-tf-spark", usage=USAGE, allow_abbrev=False,
                                     description="Classifies clips on a Spark cluster.")
    parser.add_argument("--program", default="movinet-tf", metavar="PROGRAM",
                        help="movinet-tf on the executors: a name on PATH, a path, or a file that was distributed with the "
                             "job [default: movinet-tf]")
    parser.add_argument("--ship", metavar="FILE", help="distribute this movinet-tf with the job, and run it")
    parser.add_argument("--partitions", type=_count, metavar="N",
                        help="parts that a list is cut into [default: of about 50 clips, at least 4 for each task slot]")
    parser.add_argument("--keep", default="", metavar="COLUMN,...", help="columns of the input that go into the output, too")
    parser.add_argument("--overwrite", action="store_true", help="put the output in the place of what is there")
    parser.add_argument("--master", metavar="URL", help="Spark's master [default: as Spark is set up]")
    parser.add_argument("--conf", action="append", default=[], metavar="NAME=VALUE", help="a setting of Spark's")
    own, rest = parser.parse_known_args(arguments)
    if len(rest) < 2 or any(name.startswith("-") for name in rest[:2]):
        parser.error("name INPUT and OUTPUT before the options of classify")
    (name, output), options = rest[:2], rest[2:]
    try:
        columns.refuse(options)
    except ValueError as error:
        parser.error(str(error))
    keep = [column for column in own.keep.split(",") if column]
    session = SparkSession.builder.appName("movinet-tf classify")
    session = session.master(own.master) if own.master else session
    for setting in own.conf:
        session = session.config(*setting.split("=", 1))
    spark = session.getOrCreate()
    shipping.ship(spark, own.ship)
    try:
        rows = tables.rows(spark, name, own.partitions, keep, options, own.ship or own.program)
    except ValueError as error:
        parser.error(str(error))
    rows.write.mode("overwrite" if own.overwrite else "errorifexists").parquet(output)
    kinds = spark.read.parquet(output).groupBy(f.col("error.kind")).count().collect()
    failed = ", ".join(f"{kind} {count}" for kind, count in sorted(map(tuple, kinds), key=str) if kind)
    print(f"{sum(row['count'] for row in kinds)} rows in {output}; failed: {failed or 'none'}", file=sys.stderr)


def _count(typed):
    count = int(typed)
    if count < 1:
        raise ValueError
    return count


def run():
    main(sys.argv[1:])


if __name__ == "__main__":
    run()
