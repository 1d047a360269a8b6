//! `movinet-tf cache`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use movinet_tf::cache::{Entry, Record};
use movinet_tf::models::damage;
use movinet_tf::report::json;
use movinet_tf::shown::shown;
use serde::Serialize;

use super::Context;
use super::exit::{Exit, usage};

/// List, check or remove what was fetched
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the cache's folder
    Path,
    /// List what is in it: size, age, where it came from
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Hash every file again and name those that were changed or lost; ends with 1 if there are any
    Verify {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove entries, but never one that a running process uses
    Remove {
        /// Names as 'cache list' shows them
        #[arg(value_name = "NAME", required_unless_present = "all")]
        names: Vec<String>,
        /// Everything
        #[arg(long, conflicts_with = "names")]
        all: bool,
    },
}

#[derive(Serialize)]
struct Listed {
    name: String,
    #[serde(serialize_with = "movinet_tf::paths::serialize")]
    path: PathBuf,
    bytes: u64,
    source: Option<String>,
    fetched: Option<u64>,
}

#[derive(Serialize)]
struct Checked {
    name: String,
    whole: bool,
    damage: Vec<String>,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        let entries = context.cache.entries()?;
        let mut output = context.terminal.results();
        let mut exit = Exit::Done;
        match &self.action {
            Action::Path => writeln!(output, "{}", std::path::absolute(context.cache.root())?.display())?,
            Action::List { json } => {
                let listed: Vec<_> = entries.iter().map(listed).collect();
                if *json { json::write(&listed, &mut output)? } else { write_list(&listed, &mut output)? }
            }
            Action::Verify { json } => {
                let checked: Vec<_> = entries.iter().map(check).collect();
                if checked.iter().any(|entry| !entry.whole) {
                    exit = Exit::NotEqual;
                }
                if *json { json::write(&checked, &mut output)? } else { write_checks(&checked, &mut output)? }
            }
            Action::Remove { names, all } => {
                if let Some(unknown) =
                    names.iter().find(|name| !entries.iter().any(|entry| entry.name() == name.as_str()))
                {
                    return Err(usage(format!(
                        "'{unknown}' is not in the cache; 'movinet-tf cache list' shows what is"
                    )));
                }
                let mut failure = None;
                for entry in entries.iter().filter(|entry| *all || names.iter().any(|name| name == entry.name())) {
                    let bytes = size(entry.path());
                    match context.cache.remove(entry) {
                        Ok(()) => writeln!(output, "{}: removed, {} freed", shown(entry.name()), megabytes(bytes))?,
                        Err(error) if failure.is_none() => failure = Some(error),
                        Err(error) => context.terminal.warning(&format!("{:#}", anyhow::Error::from(error))),
                    }
                }
                output.flush()?;
                failure.map_or(Ok(()), Err)?;
            }
        }
        output.flush()?;
        Ok(exit)
    }
}

fn listed(entry: &Entry) -> Listed {
    let record = Record::read(entry.path());
    let modified = || fs_err::metadata(entry.path()).ok()?.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok();
    Listed {
        name: entry.name().to_owned(),
        bytes: size(entry.path()),
        source: record.as_ref().map(|record| record.source.clone()),
        fetched: record.map(|record| record.fetched).or_else(|| modified().map(|since| since.as_secs())),
        path: entry.path().to_owned(),
    }
}

fn write_list(entries: &[Listed], output: &mut dyn Write) -> std::io::Result<()> {
    let width = entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
    for entry in entries {
        let source = shown(entry.source.as_deref().unwrap_or(""));
        let age = entry.fetched.map_or(String::new(), age);
        writeln!(output, "{:<width$} {:>9}  {age:<13} {source}", shown(&entry.name), megabytes(entry.bytes))?;
    }
    let total = entries.iter().map(|entry| entry.bytes).sum();
    writeln!(output, "{:<width$} {:>9}", "in all", megabytes(total))
}

fn check(entry: &Entry) -> Checked {
    let damage = damage(entry);
    Checked { name: entry.name().to_owned(), whole: damage.is_empty(), damage }
}

fn write_checks(checks: &[Checked], output: &mut dyn Write) -> std::io::Result<()> {
    let width = checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    for check in checks {
        let word =
            if check.whole { "whole".to_owned() } else { format!("DAMAGED: {}", shown(&check.damage.join("; "))) };
        writeln!(output, "{:<width$} {word}", shown(&check.name))?;
    }
    if let Some(damaged) = checks.iter().find(|check| !check.whole) {
        writeln!(
            output,
            "remove what is damaged and fetch it again: movinet-tf cache remove {}",
            shown(&damaged.name)
        )?;
    }
    Ok(())
}

fn size(path: &Path) -> u64 {
    match fs_err::symlink_metadata(path) {
        Ok(found) if found.is_dir() => {
            fs_err::read_dir(path).into_iter().flatten().flatten().map(|entry| size(&entry.path())).sum()
        }
        Ok(found) => found.len(),
        Err(_) => 0, // removed meanwhile
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn age(seconds: u64) -> String {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let minutes = SystemTime::now().duration_since(then).map_or(0, |since| since.as_secs() / 60);
    match minutes {
        0 => "just now".into(),
        1..=119 => format!("{minutes} min ago"),
        120..=2879 => format!("{} hours ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}
