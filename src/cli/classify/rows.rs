//! Where the rows of `classify` go: standard output, a text that grows, or a Parquet file that is made of one in the end.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use movinet_tf::batch::{Begin, Done, Header, Item, Output, Row};
use movinet_tf::report::OutputFile;
use movinet_tf::report::rows::{Columns, csv, json_lines, parquet};

use crate::cli::exit::usage;

/// What rows are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    JsonLines,
    Csv,
    Parquet,
}

/// Where rows go, before it is opened.
#[derive(Debug)]
pub enum Target {
    /// Standard output.
    Standard,
    /// A file.
    File(File),
}

/// A file of rows.
#[derive(Debug)]
pub struct File {
    path: PathBuf,
    form: Form,
}

/// Where rows go.
pub enum Rows {
    Standard(Box<dyn Write>),
    File(Box<Text>),
}

/// Rows in a file that grows.
pub struct Text {
    output: Output,
    columns: Columns,
    /// What was run, as JSON.
    header: String,
    target: File,
}

impl Target {
    /// What `typed` names.
    ///
    /// # Errors
    /// Usage where it has another ending than rows are written as, or cannot be there.
    pub fn of(typed: &Path) -> anyhow::Result<Self> {
        if typed == Path::new("-") {
            return Ok(Self::Standard);
        }
        let ending = typed.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        let form = match ending.as_str() {
            "jsonl" | "ndjson" => Form::JsonLines,
            "csv" => Form::Csv,
            "parquet" => Form::Parquet,
            _ => {
                let shown = typed.display();
                return Err(usage(format!("--out '{shown}': rows are written as .jsonl, .csv or .parquet")));
            }
        };
        let folder = typed.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(usage(format!("cannot write '{}': its folder doesn't exist", typed.display())));
        }
        if typed.is_dir() {
            return Err(usage(format!("cannot write '{}': it is a folder", typed.display())));
        }
        // A link leads to the file that others may write to by another name.
        let path = if typed.exists() { std::fs::canonicalize(typed)? } else { typed.to_owned() };
        Ok(Self::File(File { path, form }))
    }

    /// Opens it for the run of `header`.
    ///
    /// # Errors
    /// When it cannot be written, or holds something that is not to be lost.
    pub fn open(
        self,
        columns: Columns,
        header: &Header,
        begin: Begin,
        standard: Box<dyn Write>,
    ) -> anyhow::Result<Rows> {
        let target = match self {
            Self::Standard => return Ok(Rows::Standard(standard)),
            Self::File(file) => file,
        };
        let output = Output::open(&target.text(), header, begin)?;
        let header = serde_json::to_string(header)?;
        Ok(Rows::File(Box::new(Text { output, columns, header, target })))
    }
}

impl File {
    /// The text that grows: of a Parquet file, which cannot, another one beside it.
    fn text(&self) -> PathBuf {
        let mut text = self.path.as_os_str().to_owned();
        if self.form == Form::Parquet {
            text.push(".rows.jsonl");
        }
        text.into()
    }
}

impl Rows {
    /// Takes from `items` those whose rows are there, and tells how many they are and how many of them failed.
    ///
    /// # Errors
    /// When they are others.
    pub fn pass_over(&mut self, items: &mut dyn Iterator<Item = Item>) -> anyhow::Result<(u64, u64)> {
        let Self::File(text) = self else { return Ok((0, 0)) };
        let Text { output, columns, target, .. } = &mut **text;
        output.pass_over(items)?;
        if target.form == Form::Csv {
            output.begin(&csv::header(columns))?;
        }
        Ok((output.mark().clips, output.mark().failed))
    }

    /// Writes the rows of a clip, at once.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add(&mut self, done: &Done) -> anyhow::Result<()> {
        match self {
            Self::Standard(standard) => {
                standard.write_all(&lines(&done.rows)?)?;
                Ok(standard.flush()?)
            }
            Self::File(text) => {
                let Text { output, columns, target, .. } = &mut **text;
                let text = match target.form {
                    Form::Csv => done.rows.iter().flat_map(|row| csv::line(row, columns)).collect(),
                    Form::JsonLines | Form::Parquet => lines(&done.rows)?,
                };
                let failed = done.rows.iter().any(|row| row.error.is_some());
                Ok(output.add(&done.item, &text, failed)?)
            }
        }
    }

    /// Writes the rest; `complete` says whether all clips are done.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self, complete: bool) -> anyhow::Result<()> {
        let Self::File(text) = self else { return Ok(()) };
        let Text { output, columns, header, target } = *text;
        if target.form == Form::Parquet && complete {
            let file = OutputFile::create(&target.path)?;
            let rows = BufReader::new(fs_err::File::open(target.text())?).lines().map(|line| {
                let row: Row = serde_json::from_str(&line?)?;
                Ok(row)
            });
            file.write(|output| {
                parquet::write(rows, &columns, &[("movinet-tf".to_owned(), header)], output).map(drop)
            })?;
        }
        output.finish(complete)?;
        Ok(())
    }
}

fn lines(rows: &[Row]) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    for row in rows {
        text.extend(json_lines::line(row)?);
    }
    Ok(text)
}
