//! Exit codes, and the one place that turns a library error into one, and into advice.

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use movinet_tf::batch::{JournalError, ListError};
use movinet_tf::cache::CacheError;
use movinet_tf::catalog::UnknownModel;
use movinet_tf::engine::EngineError;
use movinet_tf::export::ExportError;
use movinet_tf::fetch::FetchError;
use movinet_tf::media::{self, MediaError};
use movinet_tf::models::{CARD, CardError, ModelError};
use movinet_tf::predict::LabelsError;
use movinet_tf::prepare::PrepareError;
use movinet_tf::report;
use movinet_tf::runtime::{FfmpegPlace, Loader, RuntimeError};
use movinet_tf::session::SessionError;
use movinet_tf::verify::ReferenceError;

use super::environment;
use super::terminal::Terminal;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nobody reads the output any more.
    Done = 0,
    /// Compared, and not equal; or some of many clips failed.
    NotEqual = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Something needed is not here (runtime, model, network), or an output cannot be written.
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

impl Exit {
    /// What this program ended with, as another process.
    pub fn of_code(code: Option<i32>) -> Self {
        let known = [Self::Done, Self::NotEqual, Self::Usage, Self::Missing, Self::BadInput, Self::Interrupted];
        known.into_iter().find(|exit| Some(*exit as i32) == code).unwrap_or(Self::Missing)
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

/// An exit code and what can be done.
type Judgement = (Exit, Option<String>);

fn judge(error: &anyhow::Error) -> Judgement {
    error.chain().find_map(judge_cause).unwrap_or_else(|| {
        // What is left is an output that could not be written.
        let kind = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
        match kind {
            // There can be no such file: the command line is wrong.
            Some(ErrorKind::NotFound | ErrorKind::IsADirectory | ErrorKind::NotADirectory) => (Exit::Usage, None),
            _ => (Exit::Missing, None),
        }
    })
}

fn judge_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Judgement> {
    if cause.is::<UsageError>() || cause.is::<UnknownModel>() {
        return Some((Exit::Usage, None));
    }
    if cause.is::<ListError>() || cause.is::<EngineError>() || cause.is::<LabelsError>() || cause.is::<ReferenceError>()
    {
        return Some((Exit::BadInput, None));
    }
    None.or_else(|| cause.downcast_ref().map(judge_session))
        .or_else(|| cause.downcast_ref().map(judge_model))
        .or_else(|| cause.downcast_ref().map(judge_card))
        .or_else(|| cause.downcast_ref().map(judge_media))
        .or_else(|| cause.downcast_ref().map(judge_prepare))
        .or_else(|| cause.downcast_ref().map(judge_export))
        .or_else(|| cause.downcast_ref().map(judge_runtime))
        .or_else(|| cause.downcast_ref().map(judge_fetch))
        .or_else(|| cause.downcast_ref().map(judge_cache))
        .or_else(|| cause.downcast_ref().map(judge_journal))
}

fn judge_journal(error: &JournalError) -> Judgement {
    match error {
        JournalError::Unfinished { .. } => {
            (Exit::Usage, Some("--resume goes on where it stopped, --anew begins from the beginning".into()))
        }
        JournalError::Other { .. } | JournalError::Lost { .. } => {
            (Exit::Usage, Some("--anew begins from the beginning".into()))
        }
        _ => (Exit::Missing, None),
    }
}

fn judge_session(error: &SessionError) -> Judgement {
    match error {
        SessionError::UnknownSize => (Exit::Usage, Some("say it: --size 172".into())),
        SessionError::OtherSize { takes, .. } => {
            (Exit::BadInput, Some(format!("leave --size out, or say --size {takes}")))
        }
        SessionError::SizesDiffer { takes, size, .. } => {
            (Exit::BadInput, Some(format!("say one for both: --size {takes} or --size {size}")))
        }
        SessionError::NotPrepared { model } => (Exit::Missing, Some(format!("movinet-tf prepare {}", model.display()))),
        SessionError::NotOfTensorFlow { .. } => {
            (Exit::Usage, Some("leave --engine out, or say --engine litert".into()))
        }
        SessionError::NotOfLiteRt { model } | SessionError::NotOfOpenVino { model } => {
            (Exit::Missing, Some(format!("this makes it: movinet-tf prepare {}", model.display())))
        }
        SessionError::BaseOfLiteRt { .. } => {
            (Exit::Missing, Some("leave --engine out, or name a stream model: --stream MODEL".into()))
        }
        SessionError::StreamOfOpenVino { .. } => {
            (Exit::Missing, Some("leave --engine out, or name a base model: --base MODEL".into()))
        }
        SessionError::TooLarge { .. } | SessionError::TooMany { .. } | SessionError::Memory { .. } => {
            (Exit::BadInput, Some("show fewer frames a second, --fps, or smaller ones, --size".into()))
        }
        SessionError::Model(error) => judge_model(error),
        SessionError::Runtime(error) => judge_runtime(error),
        SessionError::Prepare(error) => judge_prepare(error),
        SessionError::Media(error) => judge_media(error),
        SessionError::Cache(error) => judge_cache(error),
        _ => (Exit::BadInput, None),
    }
}

fn judge_model(error: &ModelError) -> Judgement {
    match error {
        ModelError::Unknown(_) | ModelError::Variation { .. } => (Exit::Usage, None),
        ModelError::Fetch(error) => judge_fetch(error),
        ModelError::NotHere { .. } => (Exit::Missing, None),
        ModelError::Card(error) => judge_card(error),
        _ => (Exit::BadInput, None),
    }
}

fn judge_card(error: &CardError) -> Judgement {
    match error {
        CardError::Io(_) => (Exit::Missing, None),
        CardError::Differ { what, .. } => {
            (Exit::BadInput, Some(format!("say it on the command line, --{what}, or make the cards agree: {CARD}")))
        }
        _ => (Exit::BadInput, None),
    }
}

fn judge_prepare(error: &PrepareError) -> Judgement {
    match error {
        PrepareError::Unknown { .. } | PrepareError::NotEqual { .. } => {
            (Exit::BadInput, Some("the model runs as it is: --engine reference".into()))
        }
        PrepareError::Cache(error) => judge_cache(error),
        _ => (Exit::BadInput, None),
    }
}

fn judge_export(error: &ExportError) -> Judgement {
    match error {
        ExportError::UnknownSize { .. } => (Exit::Usage, Some("say it: --size 172".into())),
        ExportError::Cache(error) => judge_cache(error),
        _ => (Exit::BadInput, None),
    }
}

fn judge_cache(error: &CacheError) -> Judgement {
    let hint = match error {
        CacheError::InUse { .. } => "end that process, or wait for it",
        _ => "make room, or choose another folder: --cache-dir DIR",
    };
    (Exit::Missing, Some(hint.into()))
}

fn judge_fetch(error: &FetchError) -> Judgement {
    match error {
        FetchError::Archive { .. }
        | FetchError::Given(_)
        | FetchError::Hash { .. }
        | FetchError::OtherModel { .. }
        | FetchError::NoTfLite { .. } => (Exit::BadInput, None),
        FetchError::NoSource { what, .. } | FetchError::Offline { what, .. } => {
            let hint = format!(
                "bring the model here by another way: movinet-tf fetch {what} --from FILE|DIR|URL; or name a mirror in \
                 MOVINET_TF_HUB_URL"
            );
            (Exit::Missing, Some(hint))
        }
        FetchError::Unpack { .. } => {
            (Exit::Missing, Some("make room, or choose another folder: --cache-dir DIR".into()))
        }
        FetchError::Cache(error) => judge_cache(error),
        _ => (Exit::Missing, None),
    }
}

fn judge_media(error: &MediaError) -> Judgement {
    match error {
        MediaError::Rate { .. } => (Exit::Usage, None),
        MediaError::Truncated { whole, .. } if *whole > 0 => {
            (Exit::BadInput, Some("use the whole frames before the cut, as TensorFlow does: --keep-truncated".into()))
        }
        MediaError::Damaged { usable, .. } if *usable > 0 => {
            (Exit::BadInput, Some("use the whole frames before it, as TensorFlow does: --keep-truncated".into()))
        }
        MediaError::NoDelays { .. } => (
            Exit::BadInput,
            Some("leave --fps at native, and --sampling at tutorial; an .npz may have a number 'fps'".into()),
        ),
        MediaError::NoRate => (
            Exit::Usage,
            Some(
                "name --model a0 to a5, write it down beside the model (movinet-tf label DIR --fps 5), or give the rate as a number".into(),
            ),
        ),
        MediaError::Wish { .. } | MediaError::NoPart { .. } => (Exit::Usage, None),
        MediaError::NoFfmpeg { .. } | MediaError::Decoder { .. } => {
            (Exit::Missing, Some("install ffmpeg, or name it: MOVINET_TF_FFMPEG; movinet-tf doctor tries it".into()))
        }
        MediaError::Stalled { .. } => {
            (Exit::BadInput, Some("where it only needs longer, say how long: MOVINET_TF_FFMPEG_PATIENCE=SECONDS".into()))
        }
        _ => (Exit::BadInput, None),
    }
}

fn judge_runtime(error: &RuntimeError) -> Judgement {
    match error {
        RuntimeError::Cache(error) => judge_cache(error),
        error => (Exit::Missing, Some(runtime_hint(error))),
    }
}

fn runtime_hint(error: &RuntimeError) -> String {
    match error {
        RuntimeError::NotThere { .. } | RuntimeError::Other { .. } => {
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
        RuntimeError::NoEngineLibrary { which, .. } => {
            let (variable, file, package) = (environment::of_library(*which), which.file(), which.package());
            format!("set {variable} to the {file} of {package} or its folder, or unset it")
        }
        RuntimeError::EngineLibraryNotInstalled { which, .. } => {
            let (variable, file, package) = (environment::of_library(*which), which.file(), which.package());
            format!("install python3 with pip, or 'pip install {package}', or set {variable} to its {file}")
        }
        RuntimeError::NoBuildOfEngineLibrary { .. } => "run the SavedModel instead, by TensorFlow".into(),
        RuntimeError::Ffmpeg { place: FfmpegPlace::Named, .. } => {
            "set MOVINET_TF_FFMPEG to a program ffmpeg or its folder, or unset it".into()
        }
        RuntimeError::Ffmpeg { .. } | RuntimeError::FfmpegNoBuild { .. } => {
            "install ffmpeg with your system's packages, or name one with MOVINET_TF_FFMPEG".into()
        }
        RuntimeError::FfmpegNotInstalled { .. } => {
            "install ffmpeg with your system's packages (apt install ffmpeg), or \
             name one with MOVINET_TF_FFMPEG, or run 'movinet-tf fetch ffmpeg' where there is a network and python3 with \
             pip"
                .into()
        }
        _ => "'movinet-tf doctor' shows what is found where".into(),
    }
}

/// Ends the process with [`Exit::Interrupted`] on Ctrl-C or when it is told to end. Output files under work go with it;
/// what was half done in the cache lies in folders that the next run removes.
pub fn on_interrupt(loader: Loader) {
    // A second handler cannot be there already, and without one the signal itself ends the process.
    let _ = ctrlc::set_handler(move || {
        report::discard_unfinished();
        loader.discard();
        media::end_decoders();
        // SAFETY: `_exit` may be called at any time; TensorFlow's threads must not run destructors under them.
        unsafe { libc::_exit(Exit::Interrupted as i32) }
    });
}
