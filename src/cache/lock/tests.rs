//! Locks on file systems with and without them.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use super::*;
use crate::progress::{Progress, Silent, Task, Unit};

/// Keeps what is said.
#[derive(Debug, Default)]
struct Said(Mutex<Vec<String>>);

impl Progress for Said {
    fn begin(&self, _what: &str, _total: Option<u64>, _unit: Unit) -> Box<dyn Task> {
        Box::new(Silent)
    }

    fn note(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }

    fn warning(&self, line: &str) {
        self.note(&format!("warning: {line}"));
    }

    fn detail(&self, _line: &str) {}
}

fn cache(try_lock: TryLock) -> (tempfile::TempDir, Cache, Arc<Said>) {
    let root = tempfile::tempdir().unwrap();
    let said = Arc::new(Said::default());
    let cache = Cache { try_lock, ..Cache::new(root.path()).telling(Arc::clone(&said) as Arc<_>) };
    (root, cache, said)
}

fn without<const CODE: i32>(_: &File, _: Mode) -> io::Result<bool> {
    Err(io::Error::from_raw_os_error(CODE))
}

/// All files of the cache's locks but those of the operating system's.
fn held(cache: &Cache) -> Vec<String> {
    let names = fs_err::read_dir(cache.root().join("locks")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.ends_with(".lock") && !name.ends_with(".use")).collect()
}

/// The number of a process that has ended.
fn ended() -> u32 {
    let mut child = Command::new("true").stdin(Stdio::null()).spawn().unwrap();
    child.wait().unwrap();
    child.id()
}

#[test]
fn who_holds_a_lock_is_said_after_a_while_and_only_then() {
    for try_lock in [try_lock as TryLock, without::<{ libc::ENOLCK }>] {
        let (_root, cache, said) = cache(try_lock);
        let entry = cache.entry(Kind::Model, "a0-base");
        let first = cache.lock(&entry).unwrap();
        let waits = thread::spawn({
            let (cache, entry) = (cache.clone(), entry.clone());
            move || cache.lock(&entry).map(drop)
        });
        thread::sleep(SILENT / 2);
        let notes = || said.0.lock().unwrap().iter().filter(|line| !line.starts_with("warning")).cloned().collect();
        let early: Vec<String> = notes();
        assert_eq!(early, Vec::<String>::new());
        thread::sleep(SILENT);
        let late: Vec<String> = notes();
        assert_eq!(late, [format!("waits for process {}, which fetches a0-base", std::process::id())]);
        drop(first);
        waits.join().unwrap().unwrap();
        assert_eq!(held(&cache), Vec::<String>::new());
    }
}

#[test]
fn a_file_system_without_locks_is_warned_of_once_and_a_file_stands_in() {
    let all: [TryLock; 4] =
        [without::<{ libc::ENOLCK }>, without::<{ libc::ENOSYS }>, without::<{ libc::EOPNOTSUPP }>, |_, _| {
            Err(ErrorKind::Unsupported.into())
        }];
    for try_lock in all {
        let (_root, cache, said) = cache(try_lock);
        let entry = cache.entry(Kind::File, "labels.txt");
        let locked = cache.lock(&entry).unwrap();
        assert_eq!(held(&cache), ["labels.txt.held"]);
        assert!(cache.use_entry(&entry).is_none());
        cache.publish(cache.part_for(&entry).unwrap(), &entry).unwrap();
        drop(locked);
        assert_eq!(held(&cache), Vec::<String>::new());
        drop(cache.lock(&cache.entry(Kind::Demo, "x")).unwrap());
        cache.remove(&entry).unwrap();
        let said = said.0.lock().unwrap();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("warning: the file system of '") && said[0].contains("has no locks"), "{said:?}");
    }
}

#[test]
fn only_one_of_many_holds_a_file_that_stands_in() {
    let (_root, cache, _said) = cache(without::<{ libc::ENOSYS }>);
    let entry = cache.entry(Kind::Model, "a0-base");
    // One of a dead process is taken over, by one.
    let dead =
        Holder::me("fetches a0-base").to_string().replacen(&std::process::id().to_string(), &ended().to_string(), 1);
    fs_err::create_dir_all(cache.root().join("locks")).unwrap();
    fs_err::write(cache.lock_path(&entry, "held"), dead).unwrap();
    let (inside, most) = (Mutex::new(0), Mutex::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let _locked = cache.lock(&entry).unwrap();
                let now = {
                    *inside.lock().unwrap() += 1;
                    *inside.lock().unwrap()
                };
                let mut most = most.lock().unwrap();
                *most = now.max(*most);
                drop(most);
                thread::sleep(Duration::from_millis(20));
                *inside.lock().unwrap() -= 1;
            });
        }
    });
    assert_eq!(*most.lock().unwrap(), 1);
    assert_eq!(held(&cache), Vec::<String>::new());
}

#[test]
fn what_a_dead_process_holds_is_taken_over_and_what_a_live_or_distant_one_holds_is_not() {
    let me = Holder::me("x");
    let changed = |line: usize, to: &str| {
        let text = me.to_string();
        let lines = text.lines().enumerate().map(|(at, found)| if at == line { to } else { found });
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("held");
    for (text, gone) in [
        (me.to_string(), false),
        (changed(0, &ended().to_string()), true),
        // The number came again.
        (changed(1, "1"), true),
        // Another machine's processes cannot be seen.
        (changed(0, &ended().to_string()).replace(&format!("\n{}\n", host_of(&me)), "\nelsewhere\n"), false),
    ] {
        fs_err::write(&path, &text).unwrap();
        assert_eq!(Holder::read(&path).unwrap().is_gone(), gone, "{text}");
    }
    for text in ["", "1", "no number\n1\nhost\ndoing\n", "\u{0}\u{0}"] {
        fs_err::write(&path, text).unwrap();
        assert_eq!(Holder::read(&path), None);
        assert!(!holder::is_abandoned(&path, None), "it may be under way");
        let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap().into_parts().0;
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(60)).unwrap();
        assert!(holder::is_abandoned(&path, None));
    }
    // What is another's by now stays.
    fs_err::write(&path, changed(3, "other")).unwrap();
    holder::clear(&path, Some(&me)).unwrap();
    assert_eq!(fs_err::read_to_string(&path).unwrap(), changed(3, "other"));
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
}

fn host_of(holder: &Holder) -> String {
    holder.to_string().lines().nth(2).unwrap().to_owned()
}
