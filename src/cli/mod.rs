//! The command line: what can be typed, and what it then does.

mod bench;
mod cache;
mod classify;
mod clip;
mod compare;
mod doctor;
mod environment;
mod evaluate;
mod exit;
mod export;
mod fetch;
mod label;
mod models;
mod names;
mod pictures;
mod prepare;
mod progress;
mod show;
mod side_by_side;
mod terminal;
#[cfg(test)]
mod tests;
mod verify;
mod workers;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Once};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use movinet_tf::cache::{Cache, ForeignCaches, Locked};
use movinet_tf::catalog::EngineLibrary;
use movinet_tf::fetch::{Client, Downloads, Store};
use movinet_tf::models::ModelFinder;
use movinet_tf::runtime::{
    self, Ffmpeg, FfmpegPlaces, LiteRtLibrary, Loader, LocatedLibrary, LogLines, OpenVinoLibrary, Places, Runtime,
    RuntimeError,
};
use movinet_tf::session::{Session, SessionBuilder};
use movinet_tf::shown::shown_lines;

pub use exit::Exit;
use terminal::{ColorChoice, Terminal};

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 compared and not equal, or some clips failed; 2 usage; 3 something needed is
not here (runtime, model, network) or cannot be written; 4 bad input (clip, model, archive); 130
interrupted";

/// Columns of the help, where the terminal has as many.
const WIDTH: usize = 100;

/// MoViNet video action recognition from the official TensorFlow SavedModels.
#[derive(Debug, Parser)]
#[command(name = "movinet-tf", version = env!("MOVINET_TF_VERSION"), after_help = EXIT_CODES, max_term_width = WIDTH)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

#[derive(Debug, Subcommand)]
enum Command {
    Fetch(fetch::Arguments),
    Compare(compare::Arguments),
    Classify(classify::Arguments),
    Evaluate(evaluate::Arguments),
    Verify(verify::Arguments),
    Show(show::Arguments),
    Label(label::Arguments),
    Prepare(prepare::Arguments),
    Export(export::Arguments),
    Bench(bench::Arguments),
    Cache(cache::Arguments),
    Doctor(doctor::Arguments),
}

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
struct Global {
    /// Folder for downloads
    #[arg(long, global = true, value_name = "DIR", env = environment::CACHE, hide_env_values = true)]
    cache_dir: Option<PathBuf>,
    /// Touch no network
    #[arg(long, global = true, env = environment::OFFLINE, hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    offline: bool,
    /// Say more, TensorFlow's own log lines included
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Say nothing but results and errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

/// What every command works with.
#[derive(Clone)]
struct Context {
    terminal: Arc<Terminal>,
    loader: Loader,
    cache: Cache,
    foreign: ForeignCaches,
    downloads: Downloads,
    verbose: bool,
}

impl Context {
    /// A session that finds, fetches and tells as the command line and the environment say.
    fn session(&self) -> SessionBuilder {
        self.hide_log_lines();
        let builder = Session::builder()
            .tensorflow(&self.loader)
            .library_path(environment::paths(environment::LIBRARY_PATH))
            .cache(self.cache.root())
            .foreign_caches(self.foreign.clone())
            .downloads(self.downloads.clone())
            .progress(Arc::clone(&self.terminal) as Arc<_>);
        let builder = match environment::path(environment::LIBTENSORFLOW) {
            Some(named) => builder.library(named),
            None => builder,
        };
        EngineLibrary::ALL.into_iter().fold(builder, |builder, which| {
            match environment::path(environment::of_library(which)) {
                Some(named) => builder.engine_library(which, named),
                None => builder,
            }
        })
    }

    /// Finds models, and fetches what isn't here.
    fn finder(&self) -> ModelFinder {
        ModelFinder {
            cache: self.cache.clone(),
            foreign: self.foreign.clone(),
            downloads: Some(self.downloads.clone()),
            progress: Arc::clone(&self.terminal) as Arc<_>,
        }
    }

    /// Where models and files are found and fetched; without a client, no network is touched.
    fn store<'a>(&'a self, client: Option<&'a Client>) -> Store<'a> {
        let Self { cache, foreign, downloads, .. } = self;
        Store { cache, foreign, client, servers: &downloads.servers, progress: &*self.terminal }
    }

    /// Where to look for TensorFlow's library.
    fn places(&self) -> Places {
        Places {
            named: environment::path(environment::LIBTENSORFLOW),
            library_path: environment::paths(environment::LIBRARY_PATH),
            cache: self.cache.clone(),
        }
    }

    /// Where to look for a library that runs models beside TensorFlow.
    fn places_of(&self, which: EngineLibrary) -> Places {
        Places { named: environment::path(environment::of_library(which)), ..self.places() }
    }

    /// Where to look for ffmpeg.
    fn ffmpeg_places(&self) -> FfmpegPlaces {
        FfmpegPlaces {
            named: environment::path(environment::FFMPEG),
            search_path: std::env::var_os(environment::SEARCH_PATH),
            cache: self.cache.clone(),
        }
    }

    /// TensorFlow, installed first where it isn't here. The lock keeps it from being removed.
    fn tensorflow(&self) -> Result<(Runtime, Option<Locked>), RuntimeError> {
        self.hide_log_lines();
        let places = self.places();
        let install = || runtime::installed(&places, &self.downloads, &*self.terminal);
        let (runtime, held) = self.loader.obtain(&places, install)?;
        for other in runtime.passed_over() {
            self.terminal.warning(&format!("passed over: {other}"));
        }
        Ok((runtime, held))
    }

    /// LiteRT, installed first where it isn't here. The lock keeps it from being removed.
    fn litert(&self) -> Result<(Arc<LiteRtLibrary>, Option<Locked>), RuntimeError> {
        let (located, held) = self.engine_library(EngineLibrary::LiteRt)?;
        Ok((LiteRtLibrary::load(&located)?, held))
    }

    /// OpenVINO, installed first where it isn't here. The lock keeps it from being removed.
    fn openvino(&self) -> Result<(Arc<OpenVinoLibrary>, Option<Locked>), RuntimeError> {
        let (located, held) = self.engine_library(EngineLibrary::OpenVino)?;
        Ok((OpenVinoLibrary::load(&located)?, held))
    }

    fn engine_library(&self, which: EngineLibrary) -> Result<(LocatedLibrary, Option<Locked>), RuntimeError> {
        let places = self.places_of(which);
        let install = || runtime::install_library(which, &places, &self.downloads, &*self.terminal);
        runtime::obtain_library(which, &places, install, &*self.terminal)
    }

    /// ffmpeg, installed first where it isn't here. The lock keeps it from being removed.
    fn ffmpeg(&self) -> Result<(Ffmpeg, Option<Locked>), RuntimeError> {
        let install = || runtime::install_ffmpeg(&self.cache, &self.downloads, &*self.terminal);
        runtime::obtain_ffmpeg(&self.ffmpeg_places(), install, &*self.terminal)
    }

    /// Keeps TensorFlow's chatter off the terminal, unless it was asked for.
    fn hide_log_lines(&self) {
        static HIDDEN: Once = Once::new();
        if !self.verbose {
            // Without the filter the lines reach the terminal, which harms nothing else.
            HIDDEN.call_once(|| drop(runtime::filter_log_lines()));
        }
    }
}

/// Runs the command that was typed.
pub fn run() -> Exit {
    let arguments = match parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap prints help to stdout and errors to stderr; a closed one takes nothing.
            let is_odd = |word: OsString| matches!(shown_lines(&word.to_string_lossy()), Cow::Owned(_));
            let _ = match std::env::args_os().any(is_odd) {
                false => error.print(),
                // A word that was typed has what a terminal would obey.
                true => std::io::stderr().write_all(shown_lines(&error.render().to_string()).as_bytes()),
            };
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let Arguments { command, global } = arguments;
    let lines = if global.verbose { LogLines::Shown } else { LogLines::Hidden };
    // SAFETY: the program has no other thread yet.
    let loader = unsafe { Loader::new(lines) };
    exit::on_interrupt(loader.clone());
    let terminal = Arc::new(Terminal::new(global.color, global.quiet, global.verbose));
    let cache = Cache::new(global.cache_dir.unwrap_or_else(environment::platform_cache));
    let context = Context {
        cache: cache.telling(Arc::clone(&terminal) as Arc<_>),
        foreign: environment::foreign_caches(),
        downloads: environment::downloads(global.offline),
        verbose: global.verbose,
        terminal,
        loader,
    };
    let outcome = match command {
        Command::Fetch(arguments) => arguments.run(&context),
        Command::Cache(arguments) => arguments.run(&context),
        Command::Compare(arguments) => arguments.run(&context),
        Command::Classify(arguments) => arguments.run(&context),
        Command::Evaluate(arguments) => arguments.run(&context),
        Command::Verify(arguments) => arguments.run(&context),
        Command::Bench(arguments) => arguments.run(&context),
        Command::Prepare(arguments) => arguments.run(&context),
        Command::Export(arguments) => arguments.run(&context),
        Command::Show(arguments) => arguments.run(&context),
        Command::Label(arguments) => arguments.run(&context),
        Command::Doctor(arguments) => arguments.run(&context),
    };
    outcome.unwrap_or_else(|error| exit::report(&error, &context.terminal))
}

fn parse() -> Result<Arguments, clap::Error> {
    Arguments::command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches))
}
