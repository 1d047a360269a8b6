//! What a worker of `classify` does: this program again, with the same arguments.

use std::io::{self, BufReader};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use movinet_tf::batch::{Classifier, ErrorKind, RowError, Selection, serve};
use movinet_tf::media::{FrameSource, MediaError};
use movinet_tf::progress::{Progress, Silent, Task, Unit};
use movinet_tf::runtime::RuntimeError;

use super::Arguments;
use crate::cli::Context;
use crate::cli::exit::{Exit, usage};
use crate::cli::models::ModelArguments;
use crate::cli::terminal::Terminal;

impl Arguments {
    /// Makes rows of the clips that standard input names; each model may use so many `threads` where nothing else is said.
    pub(super) fn work(&self, threads: u16, context: &Context) -> anyhow::Result<Exit> {
        let said =
            Arc::new(Said { terminal: Arc::clone(&context.terminal), works: false.into(), warnings: Mutex::default() });
        let session = self.session(context)?.prepared_threads(threads).progress(Arc::clone(&said) as Arc<_>);
        let session = session.build()?;
        let Self { top_k, threshold, classes, exclude, .. } = self;
        let selection = Selection::new((*top_k).into(), *threshold, classes, exclude, &session.class_names());
        let selection = selection.map_err(|unknown| usage(unknown.to_string()))?;
        let models = self.models.clone();
        let open = Opening { models, context: context.clone() };
        let open = Box::new(move |path: &Path| open.open(path));
        let classifier = Classifier::new(session, open, selection, self.windows()?, self.logits)?;
        said.works.store(true, Ordering::Relaxed);
        let warnings = || std::mem::take(&mut *said.warnings());
        serve(&classifier, warnings, BufReader::new(io::stdin()), io::stdout().lock())?;
        Ok(Exit::Done)
    }
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
