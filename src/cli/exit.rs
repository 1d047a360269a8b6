//! Exit codes, and the one place that turns a library error into one, and into advice.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use movinet_tf::catalog::UnknownModel;
use movinet_tf::clip::ClipError;
use movinet_tf::fetch::FetchError;
use movinet_tf::movinet::MovinetError;
use movinet_tf::predict::LabelsError;
use movinet_tf::prepare::PrepareError;
use movinet_tf::report::animation::FfmpegMissing;
use movinet_tf::runtime::RuntimeError;
use movinet_tf::saved_model::SavedModelError;
use movinet_tf::verify::ReferenceError;

use super::terminal::Terminal;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nobody reads the output any more.
    Done = 0,
    /// Compared, and not equal.
    NotEqual = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Something needed is not here: runtime, model, network.
    Missing = 3,
    /// The clip, model, archive, label list or reference is bad.
    BadInput = 4,
    /// Interrupted by the user.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command line that parses but makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct UsageError {
    message: String,
}

/// Said where two outputs are sent to standard output.
pub const ONE_TO_STDOUT: &str = "only one output can go to stdout (-); name a file for the other";

/// A [`UsageError`] with this message.
pub fn usage(message: impl Into<String>) -> anyhow::Error {
    UsageError { message: message.into() }.into()
}

/// A model whose prepared form was asked for and isn't there.
#[derive(Debug, thiserror::Error)]
#[error("'{}' is not prepared for this TensorFlow", model.display())]
pub struct NotPrepared {
    /// Its folder.
    pub model: PathBuf,
}

/// Prints `error` with what to do about it, and gives the exit code.
pub fn report(error: &anyhow::Error, terminal: &Terminal) -> Exit {
    if error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
    {
        return Exit::Done;
    }
    let (exit, hint) = judge(error);
    terminal.error(&format!("{error:#}"), hint.as_deref());
    exit
}

fn judge(error: &anyhow::Error) -> (Exit, Option<String>) {
    for cause in error.chain() {
        if cause.is::<UsageError>() || cause.is::<UnknownModel>() {
            return (Exit::Usage, None);
        }
        if let Some(clip) = cause.downcast_ref() {
            return (Exit::BadInput, clip_hint(clip));
        }
        if cause.is::<FfmpegMissing>() {
            return (Exit::Missing, Some("install ffmpeg, or write a .gif".into()));
        }
        if let Some(NotPrepared { model }) = cause.downcast_ref() {
            return (Exit::Missing, Some(format!("movinet-tf prepare {}", model.display())));
        }
        if let Some(PrepareError::Unknown { .. } | PrepareError::NotEqual { .. }) = cause.downcast_ref() {
            return (Exit::BadInput, Some("the model runs as it is: --engine reference".into()));
        }
        if let Some(runtime) = cause.downcast_ref() {
            return (Exit::Missing, Some(runtime_hint(runtime)));
        }
        if let Some(fetch) = cause.downcast_ref() {
            return judge_fetch(fetch);
        }
        if cause.is::<MovinetError>()
            || cause.is::<SavedModelError>()
            || cause.is::<LabelsError>()
            || cause.is::<ReferenceError>()
        {
            return (Exit::BadInput, None);
        }
    }
    // What is left is a file that could not be written, which was named on the command line.
    (Exit::Usage, None)
}

fn judge_fetch(error: &FetchError) -> (Exit, Option<String>) {
    match error {
        FetchError::Archive { .. } | FetchError::Given(_) | FetchError::Hash { .. } => (Exit::BadInput, None),
        FetchError::NoSource { what, .. } | FetchError::Offline { what, .. } => {
            let hint = format!(
                "bring the archive or the SavedModel folder here by another way: movinet-tf fetch {what} --from FILE|DIR|URL; \
                 or name a mirror in MOVINET_TF_HUB_URL"
            );
            (Exit::Missing, Some(hint))
        }
        FetchError::Cache(_) | FetchError::Unpack { .. } => {
            (Exit::Missing, Some("make room, or choose another folder: --cache-dir DIR".into()))
        }
        FetchError::InUse { .. } => (Exit::Missing, Some("end that process, or wait for it".into())),
        _ => (Exit::Missing, None),
    }
}

fn clip_hint(error: &ClipError) -> Option<String> {
    match error {
        ClipError::Truncated { whole, .. } if *whole > 0 => {
            Some("use the whole frames before the cut, as TensorFlow does: --keep-truncated".into())
        }
        ClipError::NoDelays { .. } => Some("leave --fps at native".into()),
        _ => None,
    }
}

fn runtime_hint(error: &RuntimeError) -> String {
    match error {
        RuntimeError::NotThere { .. } => {
            "set MOVINET_TF_LIBTENSORFLOW to libtensorflow.so.2 or its folder, or unset it".into()
        }
        RuntimeError::NotInstalled { .. } => "install python3 with pip, or 'pip install tensorflow-cpu', or set \
             MOVINET_TF_LIBTENSORFLOW to a libtensorflow.so.2 that you have"
            .into(),
        RuntimeError::NoBuild { .. } => "'pip install tensorflow' where it is offered for this platform, or set \
             MOVINET_TF_LIBTENSORFLOW to a libtensorflow that you have"
            .into(),
        RuntimeError::Version { .. } => {
            "set MOVINET_TF_LIBTENSORFLOW to another libtensorflow, or take this one off the search path".into()
        }
        _ => "'movinet-tf doctor' shows what is found where".into(),
    }
}

/// Ends the process with [`Exit::Interrupted`] on Ctrl-C. What was half done lies in temporary files, which the next
/// run removes.
pub fn on_interrupt() {
    // A second handler cannot be there already, and without one the signal itself ends the process.
    let _ = ctrlc::set_handler(|| {
        // SAFETY: `_exit` may be called at any time; TensorFlow's threads must not run destructors under them.
        unsafe { libc::_exit(Exit::Interrupted as i32) }
    });
}
