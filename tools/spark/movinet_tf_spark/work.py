"""What is done with a partition, on an executor."""

import os

import pyarrow as pa
from pyspark import SparkFiles

from movinet_tf_spark import clips
from movinet_tf_spark.program import Program

# So many rows are given on together, at most.
TOGETHER = 256

# The process that this Python has, which Spark keeps for more partitions: what it was started for, and itself.
_running = None, None


class Work:
    """What is to be done with every partition of a DataFrame."""

    def __init__(self, identity, program, options, folder, beside, columns, keep, names):
        # Of the query: each has processes of its own, because models and programs change.
        self.identity = identity
        self.program, self.options = program, options
        # Where the process runs, and where else relative paths begin.
        self.folder, self.beside = folder, beside
        # The Arrow schema of rows, and the columns of the input that go on behind them.
        self.columns, self.keep = columns, keep
        # What the input's columns are called, by what they are; `line` is one of lines.
        self.names = names

    def rows(self, batches):
        """Rows for batches of the input, both Arrow's."""
        program = None
        for batch in batches:
            asked = list(self._clips(batch))
            if not asked:
                continue
            program = program or self._program()
            rows, of = [], []
            for number, row in program.answers(asked):
                rows.append(row)
                of.append(number)
                if len(rows) == TOGETHER:
                    yield self._batch(batch, rows, of)
                    rows, of = [], []
            if rows:
                yield self._batch(batch, rows, of)

    def _clips(self, batch):
        if "line" in self.names:
            return clips.of_lines(batch.column(self.names["line"]).to_pylist(), self.beside)
        return clips.of_batch(batch, self.names, self.beside)

    def _batch(self, batch, rows, of):
        made = pa.RecordBatch.from_pylist(rows, self.columns)
        if not self.keep:
            return made
        kept = [batch.column(name).take(pa.array(of)) for name in self.keep]
        fields = [batch.schema.field(name) for name in self.keep]
        return pa.RecordBatch.from_arrays(made.columns + kept, schema=pa.schema([*self.columns, *fields]))

    def _program(self):
        """The process that runs already, or a new one."""
        global _running
        identity, program = _running
        if program and identity == self.identity and program.is_free():
            return program
        if program:
            program.end()
        here = os.path.abspath(SparkFiles.getRootDirectory())
        # What was distributed with the job comes first.
        shipped = os.path.join(here, os.path.basename(self.program))
        name = shipped if os.path.isfile(shipped) else self.program
        program = Program([name, "classify", "-", "--workers", "1", *self.options], self.folder, here)
        _running = self.identity, program
        return program
