"""Lists of clips as CSV, read as `movinet-tf classify` reads them."""

from pyspark.sql import functions as f

# What may stand between two fields, the likeliest first.
DELIMITERS = ",;\t"


def read(spark, name):
    """The clips of the list `name`, all columns as text."""
    delimiter = _delimiter(spark, name)
    clips = spark.read.csv(name, header=True, sep=delimiter, multiLine=True, escape='"')
    for column in clips.columns:
        what = column.strip().lower()
        if what in ("from", "to", "label", "id"):
            text = f.trim(f.col(f"`{column}`"))
            # Where semicolons stand between fields, it is because numbers have commas.
            text = f.replace(text, f.lit(","), f.lit(".")) if delimiter == ";" and what in ("from", "to") else text
            clips = clips.withColumn(column, f.when(text != "", text))
    return clips


def _delimiter(spark, name):
    head = spark.read.text(name).where(f.trim("value") != "").first()
    fields = {delimiter: head.value.split(delimiter) for delimiter in DELIMITERS} if head else {}
    return next((delimiter for delimiter in fields if any(field.strip(' "\ufeff').lower() == "path" for field in
                                                           fields[delimiter])), DELIMITERS[0])
