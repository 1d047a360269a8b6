//! The LiteRT that runs TF Lite files, and the wheels that hold it.

use super::WheelBuild;

/// The version that is installed where none is found, and the only one that is accepted: the functions of its C API take
/// other arguments from release to release.
pub const LITERT_VERSION: &str = "2.3.0";
/// The Python package whose wheels hold it as one file, as pip takes it.
pub const LITERT_WHEEL: &str = "ai-edge-litert==2.3.0";
/// Size of such a wheel in millions of bytes, about.
pub const LITERT_MEGABYTES: u32 = 22;

/// LiteRT for one kind of machine. Of one release, the wheels for all versions of Python hold the same library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiteRtBuild {
    /// The wheel that holds it.
    pub wheel: WheelBuild,
    /// Length of the library in bytes.
    pub library_bytes: u64,
    /// SHA-256 of the library.
    pub library_sha256: &'static str,
}

/// The wheels that LiteRT is installed from.
pub const LITERT_BUILDS: [LiteRtBuild; 2] = [
    LiteRtBuild {
        wheel: WheelBuild {
            os: "linux",
            processor: "x86_64",
            platform: "manylinux_2_27_x86_64",
            bytes: 21_778_233,
            sha256: "1f15078a6725d2357d9de9221664c29afa0545d807559c5f7199ce5e40b96b23",
            member: "ai_edge_litert/libLiteRt.so",
        },
        library_bytes: 8_039_424,
        library_sha256: "eec47eb35e2924b3166015887e652a58edc9af823ae38e02bf83bef2548300bb",
    },
    LiteRtBuild {
        wheel: WheelBuild {
            os: "linux",
            processor: "aarch64",
            platform: "manylinux_2_27_aarch64",
            bytes: 14_379_387,
            sha256: "853fc608f96da87bd5f3458465dfb9abbf18d5ae6b94eceacead407146f175ae",
            member: "ai_edge_litert/libLiteRt.so",
        },
        library_bytes: 5_991_672,
        library_sha256: "b57687dc234d2b8b0598aef5a9c961ed24263df8f8b3f56adbee1cff618e544b",
    },
];
