//! What ffmpeg's log tells of the stream that is decoded, before its first frame.

use std::time::Duration;

/// What stands before the degrees by which a stream is turned: since ffmpeg 8 the latter.
const MATRIX: [&str; 2] = ["displaymatrix: rotation of ", "Display Matrix: rotation of "];

/// What is known of a file, as far as it was told.
#[derive(Debug, Clone, Default)]
pub(super) struct Description {
    /// How long its header claims it is.
    pub claimed: Option<Duration>,
    streams: Vec<Stream>,
    /// The stream that is decoded; what is told afterwards is of the output.
    chosen: Option<usize>,
}

/// A video stream of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stream {
    number: String,
    /// `h264`
    pub codec: String,
    /// `yuv420p`
    pub pixel_format: String,
    /// By how many degrees clockwise its pictures are turned to be shown.
    pub rotation: u16,
}

impl Description {
    /// Takes in a line of the log.
    pub fn read(&mut self, line: &str) {
        if self.chosen.is_some() {
            return;
        }
        let line = line.trim_start();
        if let Some(claimed) = line.strip_prefix("Duration: ") {
            self.claimed = clock(claimed.split(',').next().unwrap_or_default());
        } else if let Some(degrees) = MATRIX.iter().find_map(|words| line.strip_prefix(words)) {
            let degrees: Option<f64> = degrees.split(' ').next().and_then(|number| number.parse().ok());
            if let (Some(degrees), Some(stream)) = (degrees, self.streams.last_mut()) {
                stream.rotation = (-degrees).rem_euclid(360.0).round() as u16 % 360; // the matrix turns the other way
            }
        } else if let Some(stream) = line.strip_prefix("Stream #") {
            match stream.split_once(" -> ") {
                Some((number, _)) => self.chosen = self.streams.iter().position(|stream| stream.number == number),
                None => self.streams.extend(Stream::read(stream)),
            }
        }
    }

    /// The stream that is decoded.
    pub fn stream(&self) -> Option<&Stream> {
        self.streams.get(self.chosen?)
    }
}

impl Stream {
    /// `0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709, progressive), 172x172 ...`
    fn read(line: &str) -> Option<Self> {
        let (number, what) = line.split_once(": Video: ")?;
        let mut depth = 0;
        let mut fields = what.split(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            letter == ',' && depth == 0
        });
        let mut word = || Some(fields.next()?.trim().split([' ', '(']).next()?.to_owned());
        let number = number.split(['[', '(']).next()?.to_owned();
        Some(Self { number, codec: word()?, pixel_format: word().unwrap_or_default(), rotation: 0 })
    }
}

/// `00:01:02.50`
fn clock(text: &str) -> Option<Duration> {
    let mut seconds = 0.0;
    for part in text.split(':') {
        seconds = seconds * 60.0 + part.parse::<f64>().ok()?;
    }
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_that_is_decoded_is_told() {
        let mut description = Description::default();
        for line in [
            "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:x.mp4':",
            "  Duration: 00:01:02.50, start: 0.000000, bitrate: 226 kb/s",
            "  Stream #0:0[0x1](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 99 kb/s (default)",
            "  Stream #0:1: Video: mjpeg (Baseline), yuvj444p(pc, bt470bg/unknown/unknown), 64x64 (attached pic)",
            "  Stream #0:2[0x2](und): Video: hevc (Main 10) (hvc1 / 0x31), yuv420p10le(tv, bt2020nc/arib, progressive), 4x2",
            "      displaymatrix: rotation of -90.00 degrees",
            "Stream mapping:",
            "  Stream #0:2 -> #0:0 (hevc (native) -> wrapped_avframe (native))",
            "  Stream #0:0(und): Video: wrapped_avframe, yuv420p(tv, progressive), 172x172",
        ] {
            description.read(line);
        }
        let stream = description.stream().unwrap();
        assert_eq!((&*stream.codec, &*stream.pixel_format, stream.rotation), ("hevc", "yuv420p10le", 90));
        assert_eq!(description.claimed, Some(Duration::from_millis(62_500)));
    }

    #[test]
    fn every_version_tells_how_a_stream_is_turned() {
        for (line, degrees) in [
            ("      displaymatrix: rotation of -90.00 degrees", 90),
            ("      Display Matrix: rotation of -90.00 degrees", 90),
            ("Display Matrix: rotation of 90.00 degrees", 270),
            ("Display Matrix: rotation of -180.00 degrees", 180),
            ("Display Matrix: rotation of -0.00 degrees", 0),
            ("title : Display Matrix: rotation of 90.00 degrees", 0),
        ] {
            let mut description = Description::default();
            for line in ["Stream #0:0: Video: vp9, yuv420p", line, "Stream #0:0 -> #0:0 (vp9 (native) -> x)"] {
                description.read(line);
            }
            assert_eq!(description.stream().unwrap().rotation, degrees, "{line}");
        }
    }

    #[test]
    fn what_is_not_told_is_not_known() {
        let mut description = Description::default();
        for line in
            ["  Duration: N/A, bitrate: N/A", "  Stream #0:0: Video: vp9", "displaymatrix: rotation of nan degrees"]
        {
            description.read(line);
        }
        assert!(description.stream().is_none() && description.claimed.is_none());
    }
}
