"""What spark-submit is given: the command line, from the folder in which this file lies."""

from movinet_tf_spark.__main__ import run

run()
