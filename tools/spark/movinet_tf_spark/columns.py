"""Which columns rows have: those of `movinet-tf classify --out rows.parquet`."""

import argparse

from pyspark.sql.types import (ArrayType, DoubleType, FloatType, LongType, StringType, StructField, StructType)

# What the cluster does itself.
REFUSED = ("--out", "--resume", "--anew", "--workers", "--fail-fast")


def of_options(options):
    """The columns of rows that are made with these `options` of classify."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--network")
    parser.add_argument("--logits", action="store_true")
    seen, _ = parser.parse_known_args(options)
    both = seen.network == "both"
    guesses = ArrayType(StructType([
        _there("label", StringType()), _there("index", LongType()), _there("probability", DoubleType())]), False)
    logits = ArrayType(FloatType(), False)
    return StructType([
        _there("path", StringType()),
        _there("from", DoubleType()),
        StructField("to", DoubleType()),
        StructField("frames", LongType()),
        _there("top", guesses),
        *([StructField("base_top", guesses)] if both else []),
        _there("model", StringType()),
        _there("engine", StringType()),
        _there("sampling", StringType()),
        _there("seconds", DoubleType()),
        StructField("error", StructType([_there("kind", StringType()), _there("message", StringType())])),
        StructField("id", StringType()),
        *([StructField("logits", logits)] if seen.logits else []),
        *([StructField("base_logits", logits)] if seen.logits and both else []),
    ])


def refuse(options):
    """Says of options of classify which of them have no meaning here."""
    for option in options:
        if option.split("=")[0] in REFUSED:
            raise ValueError(f"{option}: on a cluster, Spark says where rows go, what is done again, and by how many")


def _there(name, kind):
    return StructField(name, kind, nullable=False)
