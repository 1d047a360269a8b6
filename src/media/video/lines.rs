//! What ffmpeg writes to its standard error, line by line: log lines, each with its level before it, and between them what
//! the muxers framecrc and framehash say of frames. Threads of ffmpeg write there at the same time: what a muxer writes is
//! whole, but may come after the first part of a line of the log, whose rest then comes behind it.

#[cfg(test)]
mod tests;

/// The unit that exact times are asked in; the other muxer's is another one.
const EXACT_UNIT: &str = "1/1000000000";

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// A frame that comes, in the unit that frames are counted in.
    Counted { pts: i64 },
    /// A frame, in nanoseconds.
    Timed { pts: i64, duration: i64 },
    /// The unit of [`Line::Counted`], in seconds.
    Unit { seconds: f64 },
    /// What the frames that come are like, turned as they are shown.
    Shape(Shape),
    /// What is known of the file.
    Log { level: Level, text: String },
    /// Nothing that matters here.
    Other,
}

/// What frames are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// How much wider than high a pixel is, where that is said.
    pub pixel_aspect: Option<f64>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Info,
    Warning,
    Error,
}

/// Reads lines in their order.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Whether a muxer has begun: before that there are no frames, but the file's own words, which may be anything.
    begun: bool,
    size: Option<(usize, usize)>,
    /// The first part of a line of the log, in which another line came.
    part: String,
}

impl Reader {
    pub fn read(&mut self, line: &[u8]) -> Line {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        let tags = line.len() - after_tags(line).len();
        if let Some(header) = line[tags..].strip_prefix('#') {
            self.keep(&line[..tags]);
            return self.header(header);
        }
        if self.begun
            && let Some((at, frame)) = frame_in(line)
        {
            self.keep(&line[..at]);
            return frame;
        }
        if tags == 0 && !self.part.is_empty() {
            return log(&(std::mem::take(&mut self.part) + line));
        }
        self.part.clear();
        log(line)
    }

    /// Keeps what stood before a line of a muxer, which goes on behind it.
    fn keep(&mut self, part: &str) {
        if !part.is_empty() {
            self.part = part.to_owned();
        }
    }

    /// `tb 0: 1/10`, `dimensions 0: 96x64`, `sar 0: 1/1`, in this order.
    fn header(&mut self, line: &str) -> Line {
        let Some((name, value)) = line.split_once(" 0: ") else { return Line::Other };
        match name {
            "tb" => {
                self.begun = true;
                if value != EXACT_UNIT {
                    return ratio(value).map_or(Line::Other, |seconds| Line::Unit { seconds });
                }
            }
            "dimensions" => {
                let size = value.split_once('x');
                self.size = size.and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
            }
            "sar" => {
                if let Some((width, height)) = self.size {
                    return Line::Shape(Shape { width, height, pixel_aspect: ratio(value) });
                }
            }
            _ => {}
        }
        Line::Other
    }
}

/// The line of a frame in `line`, which may begin as another one, and where it begins.
fn frame_in(line: &str) -> Option<(usize, Line)> {
    line.match_indices("0, ").find_map(|(at, _)| Some((at, frame(&line[at..])?)))
}

/// `stream, dts, pts, duration, size, checksum`, and more where there is more: framecrc writes the checksum with 0x,
/// framehash without.
fn frame(line: &str) -> Option<Line> {
    let fields: Vec<_> = line.split(',').map(str::trim).collect();
    let [_, dts, pts, duration, size, checksum, ..] = fields.as_slice() else { return None };
    let counts = checksum.strip_prefix("0x");
    let digits = counts.unwrap_or(checksum);
    let is_checksum = digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let (_dts, pts, duration, _size): (i64, i64, i64, u64) =
        (dts.parse().ok()?, pts.parse().ok()?, duration.parse().ok()?, size.parse().ok()?);
    let frame = if counts.is_some() { Line::Counted { pts } } else { Line::Timed { pts, duration } };
    is_checksum.then_some(frame)
}

/// What stands behind the tags `[...] ` of a line.
fn after_tags(mut line: &str) -> &str {
    while let Some((_, after)) = tag(line) {
        line = after;
    }
    line
}

/// The first tag of a line, and what stands behind it.
fn tag(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('[')?.split_once("] ")
}

/// `[mov,mp4 @ 0x55d0] [error] text`: addresses differ from run to run and say nothing.
fn log(line: &str) -> Line {
    let (mut rest, mut level, mut source) = (line, None, None);
    while let Some((tag, after)) = tag(rest) {
        match tag {
            "info" | "verbose" | "debug" => level = Some(Level::Info),
            "warning" => level = Some(Level::Warning),
            "error" | "fatal" | "panic" => level = Some(Level::Error),
            tag if level.is_none() => source = tag.split(" @ ").next(),
            _ => break,
        }
        rest = after;
    }
    let text = match source {
        Some(source) if level > Some(Level::Info) && !rest.is_empty() => format!("{source}: {rest}"),
        _ => rest.to_owned(),
    };
    level.map_or(Line::Other, |level| Line::Log { level, text })
}

fn ratio(text: &str) -> Option<f64> {
    let (numerator, denominator) = text.trim().split_once('/')?;
    let ratio = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
    Some(ratio).filter(|ratio| ratio.is_finite() && *ratio > 0.0)
}
