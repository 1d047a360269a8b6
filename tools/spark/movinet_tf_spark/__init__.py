"""Classifies the clips of a Spark DataFrame with movinet-tf: a row in, the rows of `movinet-tf classify` out.

    from movinet_tf_spark import classify

    rows = classify(spark.read.parquet("clips.parquet"), ["--model", "a2"])
    rows.write.parquet("rows.parquet")

docs/spark.md says the rest.
"""

from movinet_tf_spark.frames import classify, classify_lines
from movinet_tf_spark.shipping import ship

__all__ = ["classify", "classify_lines", "ship"]
