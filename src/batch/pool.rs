//! Workers side by side, each a process of its own, so that a clip that one of them dies of costs a row and no more.

use std::collections::BTreeMap;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::worker::{Answer, Ended, Worker};
use super::{About, ErrorKind, Item, Row, RowError};

/// Clips that are done wait for one that takes longer, so many for each worker.
const AHEAD: usize = 64;

/// What the list says comes next: a clip, or the row of a line that is none.
pub type Entry = Result<Item, (Item, RowError)>;

/// A clip that is done.
#[derive(Debug)]
pub struct Done {
    /// The clip.
    pub item: Item,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What the user should know of it.
    pub warnings: Vec<String>,
}

/// Why no worker could begin, or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// None could be started.
    #[error("no worker can be started")]
    Start(#[source] std::io::Error),
    /// A worker ended before it began to work.
    #[error("a worker {reason}")]
    Ended {
        /// Its exit status, where there is one.
        status: Option<ExitStatus>,
        /// How it ended, in words.
        reason: String,
        /// Whether what it said was told.
        told: bool,
    },
    /// Workers that were started later run something else.
    #[error("the models were changed while they were in use: {now}, before {before}")]
    Changed {
        /// What it was.
        before: String,
        /// What it is.
        now: String,
    },
}

/// How workers are started.
pub type Start = dyn Fn() -> Command + Send + Sync;

/// Tells the user a line.
pub type Tell = dyn Fn(&str) + Send + Sync;

/// Workers that are ready.
pub struct Pool {
    about: About,
    slots: usize,
    entries: SyncSender<(u64, Entry)>,
    told: Receiver<Told>,
    progress: Arc<Written>,
}

enum Told {
    Ready(About),
    Done(u64, Done),
    /// A slot works no more.
    Retired(PoolError),
}

/// How many clips were given on, for who reads the list.
#[derive(Default)]
struct Written {
    clips: Mutex<u64>,
    more: Condvar,
}

impl Written {
    fn add_one(&self) {
        *self.clips.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.more.notify_all();
    }

    /// Waits until no more than `ahead` clips before `next` were not given on.
    fn wait(&self, next: u64, ahead: u64) {
        let clips = self.clips.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.more.wait_while(clips, |clips| next >= *clips + ahead));
    }
}

impl Pool {
    /// Starts so many `workers` and waits for the first one. `tell` is given what it says until then.
    ///
    /// # Errors
    /// [`PoolError`] where none becomes ready.
    pub fn start(workers: usize, start: Arc<Start>, tell: Arc<Tell>) -> Result<Self, PoolError> {
        let (entries, taken) = sync_channel::<(u64, Entry)>(0);
        let (tell_pool, told) = channel();
        let taken = Arc::new(Mutex::new(taken));
        for number in 0..workers.max(1) {
            let slot = Slot {
                start: Arc::clone(&start),
                tell: (number == 0).then(|| Arc::clone(&tell)),
                taken: Arc::clone(&taken),
                told: tell_pool.clone(),
            };
            let spawned = thread::Builder::new().name(format!("worker {number}")).spawn(move || slot.run());
            if let (Err(error), 0) = (spawned, number) {
                return Err(PoolError::Start(error));
            }
        }
        drop(tell_pool);
        let (mut slots, mut failed) = (workers.max(1), None);
        loop {
            match told.recv() {
                Ok(Told::Ready(about)) => {
                    return Ok(Self { about, slots, entries, told, progress: Arc::default() });
                }
                Ok(Told::Retired(error)) => {
                    slots -= 1;
                    // What was told is why; the others ended for the same reason.
                    let is_why = matches!(error, PoolError::Ended { told: true, .. });
                    if is_why || failed.is_none() {
                        failed = Some(error);
                    }
                }
                Ok(Told::Done(..)) => {} // nothing was given out yet
                Err(_) => return Err(failed.unwrap_or(PoolError::Start(std::io::ErrorKind::Other.into()))),
            }
        }
    }

    /// What the workers run.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Gives `entries` to the workers and their rows to `done`, in the order of the entries, until there are no more, or
    /// `done` says that it is enough. `retired` is told of workers that could not go on.
    ///
    /// # Errors
    /// [`PoolError`] when no worker is left, else what `done` says.
    pub fn run<E: From<PoolError>>(
        self,
        entries: impl Iterator<Item = Entry> + Send + 'static,
        mut done: impl FnMut(Done) -> Result<bool, E>,
        mut retired: impl FnMut(&PoolError),
    ) -> Result<(), E> {
        let Self { about, mut slots, entries: give, told, progress } = self;
        let written = Arc::clone(&progress);
        let ahead = (AHEAD * slots) as u64;
        let (all_read, total) = channel();
        // It may wait for a line of the list for ever, so nobody waits for it.
        thread::spawn(move || {
            let mut number = 0;
            for entry in entries {
                written.wait(number, ahead);
                if give.send((number, entry)).is_err() {
                    return;
                }
                number += 1;
            }
            let _ = all_read.send(number); // who would read it may have gone
        });
        let (mut waiting, mut next, mut last) = (BTreeMap::new(), 0, None);
        while slots > 0 {
            match told.recv() {
                Ok(Told::Done(number, answer)) => drop(waiting.insert(number, answer)),
                Ok(Told::Ready(now)) if now == about => {}
                Ok(Told::Ready(now)) => {
                    return Err(PoolError::Changed { before: in_short(&about), now: in_short(&now) }.into());
                }
                Ok(Told::Retired(error)) => {
                    slots -= 1;
                    retired(&error);
                    last = Some(error);
                }
                Err(_) => break,
            }
            while let Some(answer) = waiting.remove(&next) {
                next += 1;
                progress.add_one();
                if !done(answer)? {
                    return Ok(());
                }
            }
        }
        // The slots end when all is read and done, or when they retired.
        match (total.try_recv() == Ok(next), last) {
            (false, Some(error)) => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn in_short(about: &About) -> String {
    let About { model, engines, rule, sha256, .. } = about;
    let engines = engines.iter().flatten().cloned().collect::<Vec<_>>().join(" and ");
    let hashes = sha256.iter().flatten().map(|hash| &hash[..hash.len().min(12)]).collect::<Vec<_>>().join(", ");
    format!("{model} ({engines}, {rule}) {hashes}")
}

/// Room for a worker: one after the other, where they die.
struct Slot {
    start: Arc<Start>,
    tell: Option<Arc<Tell>>,
    taken: Arc<Mutex<Receiver<(u64, Entry)>>>,
    told: Sender<Told>,
}

impl Slot {
    fn run(mut self) {
        let (mut worker, mut about) = match self.begin() {
            Ok(begun) => begun,
            Err(error) => {
                let _ = self.told.send(Told::Retired(error)); // nobody may be left
                return;
            }
        };
        loop {
            let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((number, entry)) = taken else { return };
            let done = match entry {
                Err((item, error)) => failed(&about, item, error, Duration::ZERO),
                Ok(item) => match self.ask(&mut worker, &mut about, item) {
                    Ok(done) => done,
                    Err((done, error)) => {
                        let _ = self.told.send(Told::Done(number, done)); // nobody may be left
                        let _ = self.told.send(Told::Retired(error));
                        return;
                    }
                },
            };
            if self.told.send(Told::Done(number, done)).is_err() {
                return;
            }
        }
    }

    /// Starts a worker and waits until it is ready.
    fn begin(&mut self) -> Result<(Worker, About), PoolError> {
        let tell = self.tell.take();
        let told = tell.is_some();
        let is_ready = Arc::new(AtomicBool::new(false));
        let ready = Arc::clone(&is_ready);
        let tell = move |line: &str| {
            if let Some(tell) = tell.as_ref().filter(|_| !ready.load(Ordering::Acquire)) {
                tell(line);
            }
        };
        let mut worker = Worker::start((self.start)(), tell).map_err(PoolError::Start)?;
        match worker.about() {
            Ok(about) => {
                is_ready.store(true, Ordering::Release);
                let _ = self.told.send(Told::Ready(about.clone())); // nobody may be left
                Ok((worker, about))
            }
            Err(ended) => Err(PoolError::Ended { status: ended.status, reason: ended.reason(), told }),
        }
    }

    /// As [`begin`](Self::begin); a worker that is killed while it starts is followed by another, two times.
    fn begin_again(&mut self) -> Result<(Worker, About), PoolError> {
        let was_killed = |status: &ExitStatus| status.code().is_none();
        for _ in 0..2 {
            match self.begin() {
                Err(PoolError::Ended { status: Some(status), .. }) if was_killed(&status) => {}
                outcome => return outcome,
            }
        }
        self.begin()
    }

    /// What `worker` says of `item`. Where it dies, or fails by no fault of the clip that it knows of, it is asked once more, or
    /// another one is: it may have been something else. Where none can be had, the clip failed and that is why.
    fn ask(&mut self, worker: &mut Worker, about: &mut About, item: Item) -> Result<Done, (Done, PoolError)> {
        let began = Instant::now();
        let mut ended = None::<Ended>;
        for turn in 0..2 {
            match worker.ask(&item) {
                Ok(answer) if turn == 0 && answer.failed_here() => continue, // an ffmpeg that was killed, say
                Ok(Answer { rows, warnings }) => return Ok(Done { item, rows, warnings }),
                Err(end) => ended = Some(end),
            }
            match self.begin_again() {
                Ok(begun) => (*worker, *about) = begun,
                Err(error) => {
                    let reason = ended.map_or_else(String::new, |ended| ended.reason());
                    return Err((failed(about, item, died(&reason), began.elapsed()), error));
                }
            }
        }
        let reason = ended.map_or_else(String::new, |ended| ended.reason());
        Ok(failed(about, item, died(&reason), began.elapsed()))
    }
}

fn died(reason: &str) -> RowError {
    RowError { kind: ErrorKind::Internal, message: format!("the worker {reason}") }
}

fn failed(about: &About, item: Item, error: RowError, after: Duration) -> Done {
    let rows = vec![about.failed(&item, error, after)];
    Done { item, rows, warnings: Vec::new() }
}
