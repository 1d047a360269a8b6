//! What a worker does.

use std::io::{self, BufReader};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use movinet_tf::batch::{self, Classifier, ErrorKind, RowError, Selection, Windows};
use movinet_tf::media::{FrameSource, MediaError};
use movinet_tf::predict::Labels;
use movinet_tf::progress::{Progress, Silent, Task, Unit};
use movinet_tf::runtime::RuntimeError;
use movinet_tf::session::SessionBuilder;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::models::ModelArguments;
use crate::cli::terminal::Terminal;

/// What rows a worker makes.
pub struct Rows<'a> {
    /// Flags of the models that are asked.
    pub models: &'a ModelArguments,
    /// Parts of clips that each have a row.
    pub windows: Option<Windows>,
    /// Whether logits are told.
    pub logits: bool,
}

/// Makes `rows` of the clips that standard input names, by the models of `session`, which tell the classes that `selection`
/// chooses of their names; a prepared model may use so many `threads` where nothing else is said.
///
/// # Errors
/// When the models cannot be loaded, or nobody reads any more.
pub fn serve(
    session: SessionBuilder,
    rows: &Rows,
    selection: impl FnOnce(&Labels) -> anyhow::Result<Selection>,
    threads: u16,
    context: &Context,
) -> anyhow::Result<Exit> {
    let terminal = Arc::clone(&context.terminal);
    let said = Arc::new(Said { terminal, works: false.into(), warnings: Mutex::default() });
    let session = session.prepared_threads(threads).progress(Arc::clone(&said) as Arc<_>).build()?;
    let selection = selection(&session.class_names())?;
    let open = Opening { models: rows.models.clone(), context: context.clone() };
    let open = Box::new(move |path: &Path| open.open(path));
    let classifier = Classifier::new(session, open, selection, rows.windows, rows.logits)?;
    said.works.store(true, Ordering::Relaxed);
    let warnings = || std::mem::take(&mut *said.warnings());
    batch::serve(&classifier, warnings, BufReader::new(io::stdin()), io::stdout().lock())?;
    Ok(Exit::Done)
}

/// Opens clips.
struct Opening {
    models: ModelArguments,
    context: Context,
}

impl Opening {
    fn open(&self, path: &Path) -> Result<Box<dyn FrameSource>, RowError> {
        if path == Path::new("-") {
            let message = "standard input is the list, and cannot be a clip".into();
            return Err(RowError { kind: ErrorKind::BadClip, message });
        }
        // A pipe may never say anything.
        if fs_err::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            let message = format!("'{}' is neither a file nor a folder", path.display());
            return Err(RowError { kind: ErrorKind::BadClip, message });
        }
        match self.models.open(path, &self.context) {
            Ok(clip) => Ok(Box::new(clip)),
            Err(error) => Err(row_error(&error)),
        }
    }
}

fn row_error(error: &anyhow::Error) -> RowError {
    let mut chain = error.chain();
    if let Some(error) = chain.clone().find_map(|cause| cause.downcast_ref::<MediaError>()) {
        return error.into();
    }
    let is_runtime = chain.any(|cause| cause.is::<RuntimeError>());
    let kind = if is_runtime { ErrorKind::NoDecoder } else { ErrorKind::Internal };
    RowError { kind, message: format!("{error:#}") }
}

/// Tells the terminal until the work begins; from then on it keeps what is to be warned of.
#[derive(Debug)]
struct Said {
    terminal: Arc<Terminal>,
    works: AtomicBool,
    warnings: Mutex<Vec<String>>,
}

impl Said {
    fn warnings(&self) -> MutexGuard<'_, Vec<String>> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn works(&self) -> bool {
        self.works.load(Ordering::Relaxed)
    }
}

impl Progress for Said {
    fn begin(&self, what: &str, total: Option<u64>, unit: Unit) -> Box<dyn Task> {
        if self.works() { Box::new(Silent) } else { self.terminal.begin(what, total, unit) }
    }

    fn note(&self, line: &str) {
        if !self.works() {
            Progress::note(&*self.terminal, line);
        }
    }

    fn warning(&self, line: &str) {
        match self.works() {
            true => self.warnings().push(line.to_owned()),
            false => Progress::warning(&*self.terminal, line),
        }
    }

    fn detail(&self, line: &str) {
        if !self.works() {
            Progress::detail(&*self.terminal, line);
        }
    }
}
