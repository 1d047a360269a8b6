"""DataFrames of clips in, DataFrames of rows out."""

import os
import shlex
import uuid

from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import BinaryType, StructType

from movinet_tf_spark import columns
from movinet_tf_spark.work import Work

# What the input may say of a clip.
SAID = ("path", "content", "from", "to", "label", "id")


def classify(frame, options=(), program="movinet-tf", keep=(), beside=None):
    """The rows of the clips of `frame`, as `movinet-tf classify` makes them, in a DataFrame of its columns.

    A column `path` names the clips; `from`, `to` (seconds), `label`, `id` are read where they are, and `content`, if it is
    binary, is the clip itself: where it is null, the path is opened. `options` are those of `movinet-tf classify`, a list
    or a string. `program` is a name on the executors' PATH, a path there, or the name of a file that was distributed with
    the job. `keep` names columns of `frame` to be given on behind the others. Relative paths begin at the working
    directory of the driver, or, where nothing is there, at the folder `beside`.

    Raises ValueError where columns or options cannot be those of clips.
    """
    names = _names(frame)
    taken = list(dict.fromkeys([*names.values(), *keep]))
    return _rows(frame.select(*map(_quoted, taken)), options, program, keep, beside, names)


def classify_lines(frame, options=(), program="movinet-tf", beside=None):
    """As `classify`, of lines as `movinet-tf classify -` takes them: each a path or a JSON object, in the only column, as
    `spark.read.text` gives them."""
    (name,) = frame.columns
    return _rows(frame, options, program, (), beside, {"line": name})


def _names(frame):
    """What the columns of `frame` are called, by what they say of a clip."""
    names = {}
    for field in frame.schema:
        what = field.name.strip().lower()
        if what not in SAID or (what == "content" and field.dataType != BinaryType()):
            continue
        if what in names:
            raise ValueError(f"the columns '{names[what]}' and '{field.name}' are both called {what}")
        names[what] = field.name
    if "path" not in names:
        raise ValueError(f"there is no column 'path' among {', '.join(frame.columns)}")
    return names


def _rows(frame, options, program, keep, beside, names):
    options = shlex.split(options) if isinstance(options, str) else list(options)
    columns.refuse(options)
    made = columns.of_options(options)
    for name in keep:
        if name.lower() in (own.lower() for own in made.names):
            raise ValueError(f"rows have a column '{name}' of their own: rename it before it is kept")
    if not any(option.split("=")[0] == "--threads" for option in options):
        options += ["--threads", frame.sparkSession.conf.get("spark.task.cpus", "1")]
    if not {"-q", "--quiet", "-v", "--verbose"}.intersection(options):
        options.append("-q")
    work = Work(uuid.uuid4().hex, program, options, os.getcwd(), beside, to_arrow_schema(made), list(keep), names)

    def rows(batches):
        yield from work.rows(batches)

    return frame.mapInArrow(rows, StructType([*made, *(frame.schema[name] for name in keep)]))


def _quoted(name):
    return "`" + name.replace("`", "``") + "`"
