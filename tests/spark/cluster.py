"""A cluster of executors on this machine."""

import os
import shutil
import sys

import pyspark
from pyspark.sql import SparkSession

# On the driver alone: the executors have what is shipped.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/spark"))
from movinet_tf_spark import ship  # noqa: E402


def start(executors):
    """A session with so many executors of one core, which says nothing."""
    build = SparkSession.builder.master(f"local-cluster[{executors},1,1024]").appName("movinet-tf")
    for setting in ("spark.ui.enabled", "spark.ui.showConsoleProgress"):
        build = build.config(setting, "false")
    spark = build.config("spark.log.level", "OFF").getOrCreate()
    ship(spark)
    return spark


def stop(spark):
    """Ends the session, and removes what its executors leave in Spark's own folder."""
    left = os.path.join(os.path.dirname(pyspark.__file__), "work", spark.sparkContext.applicationId)
    spark.stop()
    shutil.rmtree(left, ignore_errors=True)
