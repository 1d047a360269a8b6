//! What ffmpeg writes to its standard error, line by line: log lines, each with its level before it, and between them what
//! the muxers framecrc and framehash say of frames.

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// A frame that comes, in the unit that frames are counted in.
    Counted { pts: i64 },
    /// A frame, in nanoseconds.
    Timed { pts: i64, duration: i64 },
    /// The unit of what follows, in seconds: of [`Line::Counted`].
    Unit { seconds: f64 },
    /// Width and height of the frames that come, turned as they are shown.
    Size { width: usize, height: usize },
    /// How much wider than high a pixel is.
    PixelAspect { ratio: f64 },
    /// What is known of the file.
    Log { level: Level, text: String },
    /// Nothing that matters here.
    Other,
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
    /// Whether the lines that follow are the header of exact times.
    exact: bool,
    /// Whether the unit was told: before it there are no frames.
    begun: bool,
}

impl Reader {
    pub fn read(&mut self, line: &[u8]) -> Line {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        match line.as_bytes().first() {
            Some(b'#') => self.header(line),
            Some(b'0'..=b'9') if self.begun => frame(line).unwrap_or(Line::Other),
            // A frame's line may come after the first half of a log line that another thread writes.
            Some(b'[') => line.rsplit("] ").next().filter(|_| self.begun).and_then(frame).unwrap_or_else(|| log(line)),
            _ => Line::Other,
        }
    }

    fn header(&mut self, line: &str) -> Line {
        let value = |name: &str| line.strip_prefix(name);
        if line.starts_with("#format") {
            self.exact = true;
        } else if line.starts_with("#stream#") {
            self.exact = false;
        } else if let Some(unit) = value("#tb 0: ").filter(|_| !self.exact) {
            self.begun = true;
            return ratio(unit).map_or(Line::Other, |seconds| Line::Unit { seconds });
        } else if let Some((width, height)) = value("#dimensions 0: ").and_then(|size| size.split_once('x')) {
            if let (Ok(width), Ok(height)) = (width.parse(), height.parse()) {
                return Line::Size { width, height };
            }
        } else if let Some(ratio) = value("#sar 0: ").and_then(ratio) {
            return Line::PixelAspect { ratio };
        }
        Line::Other
    }
}

/// `stream, dts, pts, duration, size, checksum`: framecrc writes the checksum with 0x, framehash without.
fn frame(line: &str) -> Option<Line> {
    let fields: Vec<_> = line.split(',').map(str::trim).collect();
    let [_, _, pts, duration, _, checksum, ..] = fields.as_slice() else { return None };
    let pts = pts.parse().ok()?;
    Some(match checksum.starts_with("0x") {
        true => Line::Counted { pts },
        false => Line::Timed { pts, duration: duration.parse().ok()? },
    })
}

/// `[mov,mp4 @ 0x55d0] [error] text`: addresses differ from run to run and say nothing.
fn log(line: &str) -> Line {
    let (mut rest, mut level, mut source) = (line, None, None);
    while let Some((tag, after)) = rest.strip_prefix('[').and_then(|tagged| tagged.split_once("] ")) {
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
