//! The libraries that run models beside TensorFlow, and the wheels that hold them.

use std::fmt;

use super::WheelBuild;

/// A library that runs models beside TensorFlow. One release of each is accepted, known to the byte: its functions may take
/// other arguments in another, or its numbers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EngineLibrary {
    /// Google's LiteRT, which runs TF Lite files.
    LiteRt,
    /// Intel's OpenVINO, which runs base models that were prepared for it.
    OpenVino,
}

impl EngineLibrary {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::LiteRt, Self::OpenVino];

    /// What it is called on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::LiteRt => "litert",
            Self::OpenVino => "openvino",
        }
    }

    /// What it does here: `runs TF Lite files`.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::LiteRt => "runs TF Lite files",
            Self::OpenVino => "runs prepared base models fastest",
        }
    }

    /// The version that is installed where none is found, and the only one that is accepted.
    pub fn version(self) -> &'static str {
        match self {
            Self::LiteRt => "2.3.0",
            Self::OpenVino => "2026.4.1",
        }
    }

    /// The Python package whose wheels hold it, as pip takes it.
    pub fn package(self) -> &'static str {
        match self {
            Self::LiteRt => "ai-edge-litert==2.3.0",
            Self::OpenVino => "openvino==2026.4.1",
        }
    }

    /// The folder of that package, as Python imports it.
    pub fn module(self) -> &'static str {
        match self {
            Self::LiteRt => "ai_edge_litert",
            Self::OpenVino => "openvino",
        }
    }

    /// What the file with its C API is called.
    pub fn file(self) -> &'static str {
        match self {
            Self::LiteRt => "libLiteRt.so",
            Self::OpenVino => "libopenvino_c.so.2641",
        }
    }

    /// Size of such a wheel in millions of bytes, about.
    pub fn megabytes(self) -> u32 {
        match self {
            Self::LiteRt => 22,
            Self::OpenVino => 59,
        }
    }

    /// The builds that can be installed. Of one release, the wheels for all versions of Python hold the same files.
    pub fn builds(self) -> &'static [LibraryBuild] {
        match self {
            Self::LiteRt => &LITERT,
            Self::OpenVino => &OPENVINO,
        }
    }
}

impl fmt::Display for EngineLibrary {
    /// As its makers write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LiteRt => "LiteRT",
            Self::OpenVino => "OpenVINO",
        })
    }
}

/// A library for one kind of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LibraryBuild {
    /// The wheel that holds it.
    pub wheel: WheelBuild,
    /// Its files; the first is the one with the C API, which finds the others beside it.
    pub files: &'static [LibraryFile],
}

/// A file of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LibraryFile {
    /// The file in the wheel; its last part is what it is called everywhere.
    pub member: &'static str,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: &'static str,
}

impl LibraryFile {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.member.rsplit('/').next().unwrap_or(self.member)
    }
}

const LITERT: [LibraryBuild; 2] = [
    LibraryBuild {
        wheel: WheelBuild {
            os: "linux",
            processor: "x86_64",
            platform: "manylinux_2_27_x86_64",
            bytes: 21_778_233,
            sha256: "1f15078a6725d2357d9de9221664c29afa0545d807559c5f7199ce5e40b96b23",
        },
        files: &[LibraryFile {
            member: "ai_edge_litert/libLiteRt.so",
            bytes: 8_039_424,
            sha256: "eec47eb35e2924b3166015887e652a58edc9af823ae38e02bf83bef2548300bb",
        }],
    },
    LibraryBuild {
        wheel: WheelBuild {
            os: "linux",
            processor: "aarch64",
            platform: "manylinux_2_27_aarch64",
            bytes: 14_379_387,
            sha256: "853fc608f96da87bd5f3458465dfb9abbf18d5ae6b94eceacead407146f175ae",
        },
        files: &[LibraryFile {
            member: "ai_edge_litert/libLiteRt.so",
            bytes: 5_991_672,
            sha256: "b57687dc234d2b8b0598aef5a9c961ed24263df8f8b3f56adbee1cff618e544b",
        }],
    },
];

/// Of its plugins and readers, those for processors, for TensorFlow's graphs, and for its own.
const OPENVINO: [LibraryBuild; 1] = [LibraryBuild {
    wheel: WheelBuild {
        os: "linux",
        processor: "x86_64",
        platform: "manylinux_2_28_x86_64",
        bytes: 59_130_756,
        sha256: "2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf",
    },
    files: &[
        LibraryFile {
            member: "openvino/libs/libopenvino_c.so.2641",
            bytes: 377_505,
            sha256: "d2d0836d422b21fc5da2739af0d6035df3fc6dd5e4756402eb848974edecf8a5",
        },
        LibraryFile {
            member: "openvino/libs/libopenvino.so.2641",
            bytes: 20_526_937,
            sha256: "9b9a80ac1f18e07b13ed54459d9a865bcfe9dc170dbf8fe740c2974b85ecedc1",
        },
        LibraryFile {
            member: "openvino/libs/libopenvino_intel_cpu_plugin.so",
            bytes: 63_691_929,
            sha256: "6599e3dd300d047b5ed72f8e48101c5f312c25321f35f57f803641ff8372900b",
        },
        LibraryFile {
            member: "openvino/libs/libopenvino_tensorflow_frontend.so.2641",
            bytes: 5_227_801,
            sha256: "4f1d789e3bfad9270ad726c8edf3764113415df3b3531a132cafb6527bea1796",
        },
        LibraryFile {
            member: "openvino/libs/libopenvino_ir_frontend.so.2641",
            bytes: 640_313,
            sha256: "554e9fd3d4a0fbc587c14379464b2324e24b8ea736cfb749ad2cd9e74dfc09e0",
        },
        LibraryFile {
            member: "openvino/libs/libtbb.so.12",
            bytes: 369_313,
            sha256: "ac9518497a4f2cb6729792730f145ee58367316031511923fef263c9ac81ca61",
        },
    ],
}];
