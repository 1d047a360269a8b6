//! What `classify` itself does: it reads the list, has workers make rows, and writes them down.

use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use movinet_tf::batch::{
    BadLine, Done, Entry, ErrorKind, Header, Item, List, Pool, PoolError, RowError, default_workers,
};
use movinet_tf::media::Sampling;
use movinet_tf::report::rows::Columns;

use super::Arguments;
use super::rows::Target;
use super::watch::Watch;
use crate::cli::exit::{Exit, usage};
use crate::cli::{Context, environment, names};

impl Arguments {
    pub(super) fn supervise(&self, context: &Context) -> anyhow::Result<Exit> {
        let target = Target::of(&self.out)?;
        if (self.resume || self.anew) && matches!(target, Target::Standard) {
            return Err(usage("only a run into a file can be gone on with: --out FILE"));
        }
        if self.reads_standard_input() && self.clips.len() > 1 {
            return Err(usage("- is the whole list: name nothing beside it"));
        }
        let clips = self.clips.iter().map(|clip| ("a clip or list", Some(&**clip)));
        let inputs: Vec<_> = clips.chain(self.models.inputs()).collect();
        names::check(&[("--out", Some(&*self.out))], &inputs)?;
        self.windows()?;
        let list = self.list()?;
        // What isn't here is fetched before workers need it.
        let found = self.session(context)?.find_models()?;
        let rule = found.rule()?;
        if self.models.names_no_sampling() && rule.sampling == Sampling::Tutorial {
            context.terminal.note(
                "Nobody says at how many frames a second the model was trained: it is shown every frame (or --fps)",
            );
        }
        let workers = self.workers.map_or_else(default_workers, usize::from);
        let pool = match self.pool(workers, context) {
            Err(PoolError::Ended { status, told: true, .. })
                if status.is_some_and(|status| status.code().is_some()) =>
            {
                // It said why.
                return Ok(Exit::of_code(status.and_then(|status| status.code())));
            }
            outcome => outcome?,
        };
        let header = Header::new(self.identity()?, pool.about().clone(), self.options());
        let columns = Columns { top: self.top_k.into(), base: pool.about().both, logits: self.logits };
        let mut rows = target.open(columns, &header, self.begin(), context.terminal.results())?;
        let skipped = Arc::new(AtomicU64::new(0));
        let mut entries = Entries { list, skipped: Arc::clone(&skipped) };
        let mut items = (&mut entries).map(|entry| entry.unwrap_or_else(|(item, _)| item));
        let before = rows.pass_over(&mut items)?;
        let mut watch = Watch::new(Arc::clone(&context.terminal), self.counted(), before);
        let mut is_complete = true;
        let outcome = pool.run(
            entries,
            |done: Done| -> anyhow::Result<bool> {
                for warning in &done.warnings {
                    context.terminal.warning(warning);
                }
                rows.add(&done)?;
                watch.done(&done);
                is_complete = !(self.fail_fast && watch.has_failed());
                Ok(is_complete)
            },
            |retired| context.terminal.warning(&format!("a worker less: {retired}")),
        );
        let finished = rows.finish(is_complete && outcome.is_ok());
        let failed = watch.has_failed();
        watch.end(skipped.load(Ordering::Relaxed));
        outcome?;
        finished?;
        Ok(if failed { Exit::NotEqual } else { Exit::Done })
    }

    fn list(&self) -> anyhow::Result<List> {
        Ok(match self.reads_standard_input() {
            true => List::lines(BufReader::new(std::io::stdin()), "standard input"),
            false => List::open(&self.clips)?,
        })
    }

    /// A fingerprint of the list.
    fn identity(&self) -> anyhow::Result<String> {
        Ok(match self.reads_standard_input() {
            true => "-".to_owned(),
            false => List::identity(&self.clips)?,
        })
    }

    /// The number of clips, once they are counted, which is done beside the work.
    fn counted(&self) -> Arc<OnceLock<u64>> {
        let counted = Arc::new(OnceLock::new());
        if !self.reads_standard_input() {
            let (clips, count) = (self.clips.clone(), Arc::clone(&counted));
            // Without a number there is no time left to be told, and nothing else is amiss.
            thread::spawn(move || List::count(&clips).map(|total| count.set(total)));
        }
        counted
    }

    /// Workers: this program again, with the same arguments.
    fn pool(&self, workers: usize, context: &Context) -> Result<Pool, PoolError> {
        let program = std::env::current_exe().map_err(PoolError::Start)?;
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get());
        let threads = (cores / workers).max(1).to_string();
        let start = move || {
            let mut command = Command::new(&program);
            command.args(std::env::args_os().skip(1)).env(environment::WORKER, &threads);
            command
        };
        let terminal = Arc::clone(&context.terminal);
        Pool::start(workers, Arc::new(start), Arc::new(move |line: &str| terminal.pass_on(line)))
    }
}

/// What the list says, and how many files it passed over.
struct Entries {
    list: List,
    skipped: Arc<AtomicU64>,
}

impl Iterator for Entries {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let next = self.list.next();
        self.skipped.store(self.list.skipped(), Ordering::Relaxed);
        Some(next?.map_err(|line: BadLine| {
            let item = Item::new(Path::new(&line.text));
            (item, RowError { kind: ErrorKind::BadClip, message: line.to_string() })
        }))
    }
}
