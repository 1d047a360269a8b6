//! The ffmpeg that is installed, and the wheels that hold it.

use super::WheelBuild;

/// The version of ffmpeg that is installed where none is found.
pub const FFMPEG_VERSION: &str = "9.0.2";
/// The Python package whose wheels hold it as one file, as pip takes it.
pub const FFMPEG_WHEEL: &str = "imageio-ffmpeg==0.8.1";
/// Size of such a wheel in millions of bytes, about.
pub const FFMPEG_MEGABYTES: u32 = 68;

/// ffmpeg for one kind of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FfmpegBuild {
    /// The wheel that holds it.
    pub wheel: WheelBuild,
    /// The program in the wheel.
    pub member: &'static str,
}

/// The wheels that ffmpeg is installed from.
pub const FFMPEG_BUILDS: [FfmpegBuild; 2] = [
    FfmpegBuild {
        wheel: WheelBuild {
            os: "linux",
            processor: "x86_64",
            platform: "manylinux_2_28_x86_64",
            bytes: 67_998_402,
            sha256: "050d6850601c3b3890bd2b28306f3b842b3daea390a561101174375a1c460bda",
        },
        member: "imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v9.0.2",
    },
    FfmpegBuild {
        wheel: WheelBuild {
            os: "linux",
            processor: "aarch64",
            platform: "manylinux_2_28_aarch64",
            bytes: 60_956_631,
            sha256: "fad3176f859b25869e60a8ed79957d4e3ed74a97a95e5f0cdcb91455f6c6d00e",
        },
        member: "imageio_ffmpeg/binaries/ffmpeg-linux-aarch64-v9.0.2",
    },
];
