//! The last answer, kept in the cache: a build of many shared libraries takes some 60 ms to start, a tenth of a whole run.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ask::{Answer, SYNC};
use crate::cache::Cache;

/// Counts up with every change of what is asked.
const QUESTION: u32 = 1;
/// Below the cache's folder.
const FILE: &str = "answers/ffmpeg.json";

/// What was asked of which file, and the answer.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    question: u32,
    program: Identity,
    version: String,
    sync: String,
}

/// A file as it is on the disk, which another one, or the same one replaced, is not.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    path: PathBuf,
    bytes: u64,
    inode: u64,
    /// Seconds and nanoseconds since 1970, of its content and of its place.
    changed: [i64; 4],
}

impl Identity {
    /// `None` for what may be the way to another program: a script, or a link to what runs whatever it is called as.
    fn of(program: &Path) -> Option<Self> {
        const ELF: [u8; 4] = *b"\x7fELF";
        let path = fs_err::canonicalize(program).ok()?;
        let mut first = [0; ELF.len()];
        let mut file = fs_err::File::open(&path).ok()?;
        file.read_exact(&mut first).ok()?;
        let is_ffmpeg = path.file_name()?.to_str()?.starts_with("ffmpeg") && first == ELF;
        let found = file.metadata().ok()?;
        is_ffmpeg.then(|| Self {
            path,
            bytes: found.len(),
            inode: found.ino(),
            changed: [found.mtime(), found.mtime_nsec(), found.ctime(), found.ctime_nsec()],
        })
    }
}

/// What `program` answered when it was asked last, if it is still the same file.
pub(super) fn answer(cache: &Cache, program: &Path) -> Option<Answer> {
    let kept: Kept = serde_json::from_slice(&fs_err::read(cache.root().join(FILE)).ok()?).ok()?;
    let is_same = kept.question == QUESTION && Identity::of(program).is_some_and(|found| found == kept.program);
    let sync = SYNC.into_iter().find(|sync| sync[0] == kept.sync)?;
    is_same.then_some(Answer { version: kept.version, sync })
}

/// Keeps what `program` answered. Where that is not possible, it is asked anew each time.
pub(super) fn keep(cache: &Cache, program: &Path, answer: &Answer) {
    let Some(program) = Identity::of(program) else { return };
    let (version, sync) = (answer.version.clone(), answer.sync[0].to_owned());
    let kept = Kept { question: QUESTION, program, version, sync };
    let _ = serde_json::to_vec(&kept).map(|text| cache.write_file(FILE, &text));
}

/// Keeps nothing of `program`, which is of no use now.
pub(super) fn forget(cache: &Cache, program: &Path) {
    if answer(cache, program).is_some() {
        // What stays is asked for again by the next who looks for an ffmpeg.
        let _ = fs_err::remove_file(cache.root().join(FILE));
    }
}

#[cfg(test)]
mod tests {
    use super::super::find::search;
    use super::super::{FfmpegPlace, FfmpegPlaces};
    use super::*;

    fn made_up(sync: [&'static str; 2]) -> Answer {
        Answer { version: "1.2".into(), sync }
    }

    #[test]
    fn an_answer_is_kept_as_long_as_the_file_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"));
        let file = |name: &str, content: &str| {
            fs_err::write(folder.path().join(name), content).unwrap();
            folder.path().join(name)
        };
        let (program, other) = (file("ffmpeg-7.1", "\x7fELF one"), file("ffmpeg", "\x7fELF one"));
        assert_eq!(answer(&cache, &program), None);
        for sync in SYNC {
            keep(&cache, &program, &made_up(sync));
            assert_eq!(answer(&cache, &program), Some(made_up(sync)));
            assert_eq!(answer(&cache, &other), None);
        }
        file("ffmpeg-7.1", "\x7fELF another");
        assert_eq!(answer(&cache, &program), None, "written anew");
        keep(&cache, &program, &made_up(SYNC[0]));
        fs_err::rename(&other, &program).unwrap();
        assert_eq!(answer(&cache, &program), None, "replaced");
        keep(&cache, &program, &made_up(SYNC[0]));
        forget(&cache, &folder.path().join("ffmpeg"));
        assert!(answer(&cache, &program).is_some(), "another one was forgotten");
        forget(&cache, &program);
        assert_eq!(answer(&cache, &program), None);
        assert!(cache.entries().unwrap().is_empty(), "it is no entry");
    }

    #[test]
    fn what_may_run_another_program_is_asked_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"));
        let script = folder.path().join("ffmpeg");
        fs_err::write(&script, "#!/bin/sh\nexec ffmpeg-7 \"$@\"").unwrap();
        let (many, link) = (folder.path().join("many"), folder.path().join("ffmpeg-link"));
        fs_err::write(&many, "\x7fELF runs what it is called as").unwrap();
        std::os::unix::fs::symlink(&many, &link).unwrap();
        for program in [script, link] {
            keep(&cache, &program, &made_up(SYNC[0]));
            assert_eq!(answer(&cache, &program), None, "{}", program.display());
        }
    }

    #[test]
    fn what_was_good_is_believed_until_it_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"));
        let program = folder.path().join("ffmpeg");
        fs_err::copy("/bin/true", &program).unwrap();
        let places =
            FfmpegPlaces { named: None, search_path: Some(folder.path().as_os_str().to_owned()), cache: cache.clone() };
        keep(&cache, &program, &made_up(SYNC[1]));
        let believed = search(&places, true).unwrap().found.unwrap();
        assert_eq!((believed.program(), believed.place()), (&*program, FfmpegPlace::SearchPath));
        assert_eq!((believed.version(), believed.sync()), ("1.2", SYNC[1]));
        assert!(search(&places, false).unwrap().found.is_none(), "it is tried");
        let tried = search(&places, true).unwrap();
        assert!(tried.found.is_none() && tried.passed_over.len() == 1, "its answer was forgotten: {tried:?}");
    }
}
