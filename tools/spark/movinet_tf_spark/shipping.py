"""What is sent to the executors with a job."""

import atexit
import functools
import os
import shutil
import tempfile


def ship(spark, program=None):
    """Sends this package to the executors of the session `spark`, so that it need not be installed there, and the file
    `program`, if there is one, which `classify(..., program=program)` then finds by its name."""
    archive = _archive(spark.sparkContext.applicationId)
    spark.sparkContext.addPyFile(archive)
    if program:
        spark.sparkContext.addFile(os.path.abspath(program))


@functools.lru_cache(maxsize=None)
def _archive(_application):
    """The package as a file, the same one for as long as an application runs: its driver serves it."""
    package = os.path.dirname(os.path.abspath(__file__))
    folder = tempfile.mkdtemp(prefix="movinet-tf-spark-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    whole = os.path.join(folder, "movinet_tf_spark")
    return shutil.make_archive(whole, "zip", os.path.dirname(package), os.path.basename(package))
