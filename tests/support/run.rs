//! The program on clips of plain colours, with the engine that needs no model: without TensorFlow, network and whatever
//! the user has.

#![allow(dead_code, reason = "no test file needs all of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::assert::Assert;
use serde_json::Value;
use tempfile::TempDir;

pub type Color = [u8; 3];
pub const RED: Color = [255, 0, 0];
pub const GREEN: Color = [0, 255, 0];
pub const BLUE: Color = [0, 0, 255];

/// What a shell script begins with that passes for ffmpeg where it is asked what it can do: three frames come back, and
/// their times in two ways.
pub const ANSWERS: &str = "case \"$*\" in *framehash*)
  echo 'ffmpeg version 9.9-made Copyright (c) nobody' >&2
  for time in 0 1 2 0 200000000 400000000; do echo \"0, $time, $time, 1, 768, 0x01234567\" >&2; done
  exec /bin/cat
esac
";

/// A temporary folder in which the program runs.
pub struct Place {
    folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With `clip.gif`: so many frames of each colour, 10 a second.
    pub fn with_clip(parts: &[(usize, Color)]) -> Self {
        let place = Self::new();
        place.gif("clip.gif", parts, (10, 8), 10);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }

    /// A program that is a shell script.
    pub fn program(&self, name: &str, script: &str) -> PathBuf {
        self.file(name, format!("#!/bin/sh\n{script}\n"));
        fs_err::set_permissions(self.path(name), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        self.path(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs_err::read_to_string(self.path(name)).unwrap()
    }

    /// What lies in a folder, in order.
    pub fn names_in(&self, folder: &str) -> Vec<String> {
        let names = fs_err::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A GIF of so many frames of each colour, each shown for so many hundredths of a second.
    pub fn gif(&self, name: &str, parts: &[(usize, Color)], (width, height): (u16, u16), hundredths: u16) {
        let palette: Vec<u8> = parts.iter().flat_map(|(_, color)| *color).collect();
        let file = fs_err::File::create(self.path(name)).unwrap();
        let mut encoder = gif::Encoder::new(file, width, height, &palette).unwrap();
        for (index, &(count, _)) in parts.iter().enumerate() {
            let pixels = vec![index as u8; usize::from(width) * usize::from(height)];
            let mut frame = gif::Frame::from_indexed_pixels(width, height, pixels, None);
            frame.delay = hundredths;
            (0..count).for_each(|_| encoder.write_frame(&frame).unwrap());
        }
    }

    /// The program, here.
    pub fn command(&self) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("movinet-tf"));
        command.current_dir(self.folder.path()).env("MOVINET_TF_OFFLINE", "1");
        let places = ["MOVINET_TF_LIBTENSORFLOW", "TFHUB_CACHE_DIR", "KAGGLEHUB_CACHE", "HOME"];
        command.envs(places.map(|name| (name, self.path("not/there"))));
        command.env("MOVINET_TF_CACHE", self.path("cache"));
        for name in ["LD_LIBRARY_PATH", "MOVINET_TF_FFMPEG", "CI", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"]
        {
            command.env_remove(name);
        }
        command
    }

    /// Runs the program with the words of `line` as arguments.
    pub fn run(&self, line: &str) -> Assert {
        self.run_with(line, &[])
    }

    /// As [`Place::run`], with more in the environment.
    pub fn run_with(&self, line: &str, environment: &[(&str, &Path)]) -> Assert {
        let mut command = self.command();
        command.args(line.split_whitespace()).envs(environment.iter().copied());
        assert_cmd::Command::from_std(command).assert()
    }

    /// What `line` prints when it ends with exit code `code`.
    pub fn stdout(&self, line: &str, code: i32) -> String {
        String::from_utf8(self.run(line).code(code).get_output().stdout.clone()).unwrap()
    }

    /// The JSON that `line` prints.
    pub fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.stdout(line, 0)).unwrap()
    }

    /// Runs `line` and expects exit code `code`, `message` on stderr, and nothing on stdout.
    pub fn fails(&self, line: &str, code: i32, message: &str) {
        let output = self.run(line).code(code).get_output().clone();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{line}: {stderr}");
        assert!(stderr.contains(message) && !stderr.contains("panicked"), "{line}: {stderr}");
        assert!(output.stdout.is_empty(), "{line}");
    }
}
