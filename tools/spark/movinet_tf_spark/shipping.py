"""What is sent to the executors with a job."""

import atexit
import os
import shutil
import tempfile


def ship(spark, program=None):
    """Sends this package to the executors of the session `spark`, so that it need not be installed there, and the file
    `program`, if there is one, which `classify(..., program=NAME)` then finds by its name."""
    package = os.path.dirname(os.path.abspath(__file__))
    folder = tempfile.mkdtemp(prefix="movinet-tf-spark-")
    # The driver serves it as long as the application runs.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    whole = os.path.join(folder, "movinet_tf_spark")
    archive = shutil.make_archive(whole, "zip", os.path.dirname(package), os.path.basename(package))
    spark.sparkContext.addPyFile(archive)
    if program:
        spark.sparkContext.addFile(os.path.abspath(program))
