"""What the program is asked: a line of JSON for each row of the input."""

import json
import math
import os
from decimal import Decimal


class Clip:
    """A row of the input: what the program is asked, and what its rows are to say."""

    def __init__(self, asked, text, path=None, content=None):
        # A dict, or a line as it stands.
        self.asked = asked
        # What the row's path is, where no clip can be meant.
        self.text = text
        # The row's path, where that isn't the one that is asked for.
        self.path = path
        # The clip's bytes, which are to be a file for as long as it is looked at.
        self.content = content

    def line(self, number):
        """The line that asks for it; its rows come back with this `number` beside their id."""
        asked = self.asked
        if isinstance(asked, dict):
            asked = json.dumps({**asked, "id": [number, asked.get("id")]})
        return asked.encode("utf-8", "replace") + b"\n"


def of_batch(batch, names, beside):
    """The clips of an Arrow batch. `names` says what its columns are called: `path`, `content`, `from`, `to`, `label`, `id`."""
    columns = {what: batch.column(name) for what, name in names.items()}
    content = columns.pop("content", None)
    columns = {what: column.to_pylist() for what, column in columns.items()}
    for row in range(batch.num_rows):
        asked = {what: column[row] for what, column in columns.items()}
        path = asked["path"] = asked["path"] or ""
        for what in ("from", "to"):
            asked[what] = seconds(asked.get(what))
        asked["id"] = plain(asked.get("id"))
        if content is not None and content[row].is_valid:
            yield Clip(asked, path, path, content[row].as_buffer())
        else:
            asked["path"], shown = found(path, beside)
            yield Clip(asked, path, shown)


def of_lines(lines, beside):
    """The clips of lines as `movinet-tf classify -` takes them: paths, or JSON."""
    for line in lines:
        text = (line or "").strip()
        if not text:
            continue
        asked = {"path": line}
        if text[0] in '{"':
            try:
                asked = json.loads(text)
            except ValueError:
                yield Clip(text, text)  # the program says what is wrong with it
                continue
            if isinstance(asked, str):
                asked = {"path": asked}
            asked["id"] = plain(asked.get("id"))
        if isinstance(asked.get("path"), str):
            asked["path"], _ = found(asked["path"], beside)
        yield Clip(asked, text)


def found(path, beside):
    """Where the program finds `path`, and what its rows call it: that of a URI is a path, and a relative path that leads
    nowhere from the working directory may be one from `beside`."""
    if path.startswith("file:/"):
        return "/" + path[len("file:"):].lstrip("/"), path
    if beside and path and not os.path.isabs(path) and not os.path.exists(path):
        inside = os.path.join(beside, path)
        if os.path.exists(inside):
            return inside, inside
    return path, path


def seconds(value):
    """A time as JSON: text as the number that it is, where it is one."""
    if isinstance(value, Decimal):
        return float(value)
    if not isinstance(value, str):
        return None if value is None or math.isnan(value) else value
    try:
        return float(value) if value.strip() else None
    except ValueError:
        return value  # the program says what is wrong with it


def plain(value):
    """An id as JSON can have it."""
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return plain(float(value) if value % 1 else int(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is None or isinstance(value, int):
        return value
    return str(value).encode("utf-8", "replace").decode()  # JSON may have half of a character
