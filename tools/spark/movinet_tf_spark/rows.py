"""What the program answers: lines of JSON, as rows."""

import json
import re

# It tells of a line where it stands in all that a process was asked, which is nothing to the row.
_WHERE = re.compile(r"^standard input, line \d+: ")


class Row:
    """A row, and the number of the clip that it is of; none where the program could not read the line."""

    def __init__(self, line):
        self.values = values = json.loads(line)
        numbered = values["id"]
        self.number = None if numbered is None else numbered[0]
        values["id"] = None if numbered is None else _text(numbered[1], line)

    def belongs_to(self, clip, temporary=None):
        """Says of the row what is the input's: of a clip that was looked at as the file `temporary`, its path."""
        values, error = self.values, self.values["error"]
        is_no_clip = error is not None and _WHERE.match(error["message"]) is not None
        if is_no_clip:
            error["message"] = _WHERE.sub("", error["message"])
            values["path"] = clip.text
        if self.number is None:
            values["id"] = _text(clip.asked.get("id"), None) if isinstance(clip.asked, dict) else None
        if clip.path is not None and not is_no_clip:
            values["path"] = clip.path
        if error and temporary:
            error["message"] = error["message"].replace(temporary, clip.path)
        return values


class _Literal(float):
    """A number that knows how it was written."""

    def __new__(cls, text):
        self = super().__new__(cls, text)
        self.text = text
        return self


def _text(id, line):
    """An id as text: text as it is, else as JSON, numbers as the program wrote them in `line`."""
    if id is None or isinstance(id, str):
        return id
    if line is not None and not isinstance(id, int):
        id = json.loads(line, parse_float=_Literal)["id"][1]
    return _json(id)


def _json(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(key)}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return value.text if isinstance(value, _Literal) else json.dumps(value, ensure_ascii=False)
