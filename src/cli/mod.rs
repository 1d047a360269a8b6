//! The command line: what can be typed, and what it then does.

mod bench;
mod cache;
mod compare;
mod doctor;
mod environment;
mod exit;
mod fetch;
mod labels;
mod models;
mod pictures;
mod prepare;
mod progress;
mod run;
mod show;
mod terminal;
mod verify;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use movinet_tf::fetch::http::Client;
use movinet_tf::fetch::{Cache, ForeignCaches, Locked, Sources, Store};

pub use exit::Exit;
use terminal::{ColorChoice, Terminal};

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 compared and not equal; 2 usage; 3 something needed is not here (runtime, model, network);
4 bad input (clip, model, archive); 130 interrupted";

/// MoViNet video action recognition from the official TensorFlow SavedModels.
#[derive(Debug, Parser)]
#[command(name = "movinet-tf", version = env!("MOVINET_TF_VERSION"), after_help = EXIT_CODES, max_term_width = 100)]
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
    Verify(verify::Arguments),
    Show(show::Arguments),
    Prepare(prepare::Arguments),
    Bench(bench::Arguments),
    Cache(cache::Arguments),
    Doctor(doctor::Arguments),
}

/// Flags of every command.
#[derive(Debug, Args)]
struct Global {
    /// Folder for downloads
    #[arg(long, global = true, value_name = "DIR", env = environment::CACHE)]
    cache_dir: Option<PathBuf>,
    /// Touch no network
    #[arg(long, global = true, env = environment::OFFLINE, value_parser = clap::builder::FalseyValueParser::new())]
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
struct Context {
    terminal: Terminal,
    cache: Cache,
    foreign: ForeignCaches,
    offline: bool,
    verbose: bool,
    /// Entries of the cache that this process uses, kept from removal until it ends.
    in_use: Mutex<Vec<Locked>>,
}

impl Context {
    /// Keeps what `path` belongs to in the cache from being removed while this process runs.
    fn hold(&self, path: &Path) {
        if let Some(lock) = self.cache.use_path(path) {
            self.in_use.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(lock);
        }
    }

    /// Where models and files are found and fetched; without a client, no network is touched.
    fn store<'a>(&'a self, client: Option<&'a Client>, sources: &'a Sources) -> Store<'a> {
        Store { cache: &self.cache, foreign: &self.foreign, client, sources, progress: &self.terminal }
    }
}

/// Runs the command that was typed.
pub fn run() -> Exit {
    exit::on_interrupt();
    let arguments = match parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap prints help to stdout and errors to stderr; a closed one takes nothing.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let Arguments { command, global } = arguments;
    let terminal = Terminal::new(global.color, global.quiet);
    let context = Context {
        cache: Cache::new(global.cache_dir.unwrap_or_else(environment::platform_cache)),
        foreign: environment::foreign_caches(),
        offline: global.offline,
        verbose: global.verbose,
        in_use: Mutex::default(),
        terminal,
    };
    let outcome = match command {
        Command::Fetch(arguments) => arguments.run(&context),
        Command::Cache(arguments) => arguments.run(&context),
        Command::Compare(arguments) => arguments.run(&context),
        Command::Verify(arguments) => arguments.run(&context),
        Command::Bench(arguments) => arguments.run(&context),
        Command::Prepare(arguments) => arguments.run(&context),
        Command::Show(arguments) => arguments.run(&context),
        Command::Doctor(arguments) => arguments.run(&context),
    };
    outcome.unwrap_or_else(|error| exit::report(&error, &context.terminal))
}

fn parse() -> Result<Arguments, clap::Error> {
    Arguments::command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches))
}
