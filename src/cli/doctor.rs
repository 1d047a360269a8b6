//! `movinet-tf doctor`.

use std::io::Write;
use std::process::{Command, Stdio};

use anstyle::{AnsiColor, Style};
use clap::Args;
use movinet_tf::catalog::EngineLibrary;
use movinet_tf::models::demo;
use movinet_tf::runtime::{self, FfmpegSearch, LiteRtLibrary, LocatedLibrary, OpenVinoLibrary, Place};
use movinet_tf::shown::shown;

use super::exit::Exit;
use super::{Context, environment};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// Say what is found where, what is missing, and what to do about it
///
/// Installs nothing. Ends with 0 when everything is here, with 3 when TensorFlow isn't, or what was named as ffmpeg,
/// LiteRT or OpenVINO is none; GIFs need no ffmpeg, and SavedModels neither LiteRT nor OpenVINO.
#[derive(Debug, Args)]
pub struct Arguments {}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let mut output = context.terminal.results();
        let (oldest, too_new) = (runtime::OLDEST, runtime::TOO_NEW);
        writeln!(output, "movinet-tf {}", env!("MOVINET_TF_VERSION"))?;
        let mut exit = Exit::Done;
        context.hide_log_lines();
        let (found, passed_over) = match runtime::search(&context.places()) {
            Ok(search) => (Ok(search.found), search.passed_over),
            Err(error) => (Err(error), Vec::new()),
        };
        let loaded = match &found {
            Ok(Some(located)) => Some(context.loader.load(located)),
            _ => None,
        };
        match (&found, &loaded) {
            (Ok(Some(located)), Some(Ok(tensorflow))) => {
                let line = format!(
                    "TensorFlow {} {}",
                    tensorflow.version(),
                    in_words(located.place, "MOVINET_TF_LIBTENSORFLOW")
                );
                good(&mut output, &line, &located.library.display().to_string())?;
            }
            (Ok(Some(_)), Some(Err(error))) | (Err(error), _) => {
                exit = Exit::Missing;
                bad(&mut output, &error.to_string(), "set MOVINET_TF_LIBTENSORFLOW to another libtensorflow.so.2")?;
            }
            _ => {
                exit = Exit::Missing;
                let advice = "the first command that needs it installs it; python3 with pip is the way where the \
                              official archive is out of reach";
                bad(&mut output, "TensorFlow is not here", advice)?;
            }
        }
        for other in passed_over {
            writeln!(output, "     passed over: {}", shown(&other.to_string()))?;
        }
        writeln!(output, "     accepted: {}.{} up to before {too_new}.0", oldest.0, oldest.1)?;
        for which in [EngineLibrary::LiteRt, EngineLibrary::OpenVino] {
            if !tell_of_library(which, context, &mut output)? {
                exit = Exit::Missing;
            }
        }
        if !tell_of_ffmpeg(context, &mut output)? {
            exit = Exit::Missing;
        }
        match pip_version() {
            Some(version) => good(&mut output, "python3 with pip", &version)?,
            None => bad(
                &mut output,
                "python3 with pip is not here",
                "needed only to install ffmpeg, LiteRT and OpenVINO, and TensorFlow where its archive is out of reach: apt install python3-pip",
            )?,
        }
        match demo::unpack(&context.cache) {
            Ok(unpacked) => {
                good(&mut output, "cache", &context.cache.root().display().to_string())?;
                good(
                    &mut output,
                    "bundled demo",
                    &unpacked.clip.parent().unwrap_or(&unpacked.clip).display().to_string(),
                )?;
            }
            Err(error) => {
                exit = Exit::Missing;
                bad(&mut output, &error.to_string(), "choose another folder: --cache-dir DIR or MOVINET_TF_CACHE")?;
            }
        }
        output.flush()?;
        Ok(exit)
    }
}

/// Where a library was found, which `variable` may name.
fn in_words(place: Place, variable: &str) -> String {
    match place {
        Place::Named => format!("named by {variable}"),
        other => other.to_string(),
    }
}

/// Says which library `which` is found and loads; gives whether all is as the user said.
fn tell_of_library(which: EngineLibrary, context: &Context, output: &mut dyn Write) -> std::io::Result<bool> {
    let variable = environment::of_library(which);
    let search = match runtime::search_library(which, &context.places_of(which)) {
        Ok(search) => search,
        Err(error) => {
            let advice = format!("set {variable} to the {} of {}, or unset it", which.file(), which.version());
            bad(output, &error.to_string(), &advice)?;
            return Ok(false);
        }
    };
    let loads = |located: &LocatedLibrary| match which {
        EngineLibrary::LiteRt => LiteRtLibrary::load(located).map(drop),
        EngineLibrary::OpenVino => OpenVinoLibrary::load(located).map(drop),
    };
    match search.found.as_ref().map(|located| (located, loads(located))) {
        Some((located, Ok(()))) => {
            let line = format!("{which} {} {}", which.version(), in_words(located.place(), variable));
            good(output, &line, &located.file().display().to_string())?;
        }
        Some((_, Err(error))) => {
            bad(output, &error.to_string(), &format!("set {variable} to another copy of it"))?;
            return Ok(false);
        }
        None => {
            let key = which.key();
            let advice = match which {
                EngineLibrary::LiteRt => {
                    format!(
                        "only TF Lite files need it: movinet-tf fetch {key}, which the first of them does by itself"
                    )
                }
                EngineLibrary::OpenVino => format!("base models run without it, some slower: movinet-tf fetch {key}"),
            };
            bad(output, &format!("{which} is not here"), &advice)?;
        }
    }
    for other in search.passed_over {
        writeln!(output, "     passed over: {}", shown(&other.to_string()))?;
    }
    Ok(true)
}

/// Says which ffmpeg is tried and good; gives whether all is as the user said.
fn tell_of_ffmpeg(context: &Context, output: &mut dyn Write) -> std::io::Result<bool> {
    let FfmpegSearch { found, passed_over, .. } = match runtime::search_ffmpeg(&context.ffmpeg_places()) {
        Ok(search) => search,
        Err(error) => {
            bad(output, &error.to_string(), "set MOVINET_TF_FFMPEG to a program ffmpeg or its folder, or unset it")?;
            return Ok(false);
        }
    };
    match found {
        Some(ffmpeg) => {
            let line = format!("ffmpeg {} {}, tried", ffmpeg.version(), ffmpeg.place());
            good(output, &line, &ffmpeg.program().display().to_string())?;
        }
        None => {
            let advice = "GIFs are read without it; other videos, and animations as WebP or MP4, need it: apt install ffmpeg, \
                          or movinet-tf fetch ffmpeg, which the first command that needs it does by itself";
            bad(output, "ffmpeg is not here", advice)?;
        }
    }
    for other in passed_over {
        writeln!(output, "     passed over: {}", shown(&other.to_string()))?;
    }
    Ok(true)
}

fn good(output: &mut dyn Write, what: &str, detail: &str) -> std::io::Result<()> {
    writeln!(output, "{GOOD}ok{GOOD:#}   {what}: {}", shown(detail))
}

fn bad(output: &mut dyn Write, what: &str, advice: &str) -> std::io::Result<()> {
    writeln!(output, "{BAD}no{BAD:#}   {}\n     {advice}", shown(what))
}

fn pip_version() -> Option<String> {
    let output = Command::new("python3")
        .args(["-m", "pip", "--version"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
