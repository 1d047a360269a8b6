//! From a clip of a list to its row.

use std::path::Path;
use std::time::{Duration, Instant};

use super::windows::Windows;
use super::{ErrorKind, Item, Row, RowError, Selection};
use crate::media::{FrameSource, Lender, Part, Sampling};
use crate::session::{Classes, Classified, Session, SessionError};

type Source = Box<dyn FrameSource>;

/// Opens the clip at a path.
pub type Open = dyn Fn(&Path) -> Result<Source, RowError> + Send + Sync;

/// A session that makes rows of clips.
pub struct Classifier {
    session: Session,
    open: Box<Open>,
    selection: Selection,
    windows: Option<Windows>,
    with_logits: bool,
    about: About,
}

/// What all rows have in common.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct About {
    /// The model that `top` is of: the stream model, where there is one.
    pub model: String,
    /// What runs it.
    pub engine: String,
    /// The rule by which frames are chosen and cut.
    pub sampling: Sampling,
    /// The same in full.
    pub rule: String,
    /// Whether a base and a stream model are asked.
    pub both: bool,
    /// SHA-256 of the models' content, where they have files: of the base model, and of the stream model.
    pub sha256: [Option<String>; 2],
}

impl Classifier {
    /// Asks the models of `session` for the classes of `selection`, of whole clips or of `windows` of them, and tells their
    /// logits where `with_logits` says so. `open` opens clips.
    ///
    /// # Errors
    /// What [`Session::rule`] says, and [`SessionError::NoModel`].
    pub fn new(
        session: Session,
        open: Box<Open>,
        selection: Selection,
        windows: Option<Windows>,
        with_logits: bool,
    ) -> Result<Self, SessionError> {
        let rule = session.rule()?;
        let first = session.stream_info().or(session.base_info()).ok_or(SessionError::NoModel)?;
        let about = About {
            model: first.name.clone(),
            engine: first.engine.to_string(),
            sampling: rule.sampling,
            rule: rule.to_string(),
            both: session.base_info().is_some() && session.stream_info().is_some(),
            sha256: [session.base_info(), session.stream_info()].map(|info| info?.sha256.clone()),
        };
        Ok(Self { session, open, selection, windows, with_logits, about })
    }

    /// What all rows have in common.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The rows of `item`: one, or one for each window. Each is as if it were alone.
    pub fn rows(&self, item: &Item) -> Vec<Row> {
        let began = Instant::now();
        match self.source(item) {
            Err(error) => vec![self.about.failed(item, error, began.elapsed())],
            Ok(source) => match self.windows {
                None => vec![self.row(item, source, began)],
                Some(windows) => self.rows_of_windows(item, source, windows, began),
            },
        }
    }

    /// A row for each of the `windows` of `item`, the last of which is the first that reaches its end.
    fn rows_of_windows(&self, item: &Item, source: Source, windows: Windows, mut began: Instant) -> Vec<Row> {
        let mut rows = Vec::new();
        // Windows that overlap are read in as many passes as lie over each other.
        let mut lenders = vec![Lender::new(source)];
        for (count, window) in windows.enumerate() {
            let lane = count % windows.passes();
            if lane == lenders.len() {
                match self.source(item) {
                    Ok(source) => lenders.push(Lender::new(source)),
                    Err(error) => {
                        rows.push(self.about.failed(item, error, began.elapsed()));
                        return rows;
                    }
                }
            }
            let Some(lent) = lenders[lane].lend() else { return rows };
            let start = item.from.unwrap_or_default();
            let named = Item {
                from: Some(start + window.start.as_secs_f64()),
                to: Some(start + window.end.as_secs_f64()),
                ..item.clone()
            };
            let part = Part::new(lent, window.start, Some(window.end)).map(|part| part.since(Duration::ZERO));
            let row = match part {
                Ok(part) => self.row(&named, Box::new(part), began),
                Err(error) => self.about.failed(&named, (&error).into(), began.elapsed()),
            };
            let is_empty = row.error.as_ref().is_some_and(|error| error.kind == ErrorKind::Empty);
            let is_last = lenders[lane].has_ended() || (row.error.is_some() && !is_empty);
            if !(is_last && is_empty && count > 0) {
                rows.push(row);
            }
            if is_last {
                return rows;
            }
            began = Instant::now();
        }
        rows
    }

    fn source(&self, item: &Item) -> Result<Source, RowError> {
        let seconds = |seconds: Option<f64>| seconds.map(Duration::try_from_secs_f64).transpose();
        let (Ok(from), Ok(to)) = (seconds(item.from), seconds(item.to)) else {
            let message = format!("'{}': a part begins and ends at a number of seconds", item.path.display());
            return Err(RowError { kind: ErrorKind::BadClip, message });
        };
        let source = (self.open)(&item.path)?;
        if from.is_none() && to.is_none() {
            return Ok(source);
        }
        Ok(Box::new(Part::new(source, from.unwrap_or_default(), to).map_err(|error| RowError::from(&error))?))
    }

    fn row(&self, item: &Item, source: Source, began: Instant) -> Row {
        let classified = match self.session.classify(source) {
            Ok(classified) => classified,
            Err(error) => return self.about.failed(item, (&error).into(), began.elapsed()),
        };
        let Classified { frames, stream, base, labels } = classified;
        let told = |Classes { logits, probabilities }| {
            (self.selection.of(probabilities.view(), &labels), self.with_logits.then(|| logits.into_iter().collect()))
        };
        let (first, second) = if stream.is_some() { (stream, base) } else { (base, None) };
        let (top, logits) = first.map(told).unwrap_or_default();
        let (base_top, base_logits) = second.map(told).map_or((None, None), |(top, logits)| (Some(top), logits));
        let seconds = began.elapsed().as_secs_f64();
        Row { frames: Some(frames), top, logits, base_top, base_logits, seconds, ..self.about.row(item) }
    }
}

impl About {
    /// A row of `item` without an answer.
    fn row(&self, item: &Item) -> Row {
        Row {
            path: item.path.clone(),
            from: item.from.unwrap_or_default(),
            to: item.to,
            frames: None,
            top: Vec::new(),
            base_top: self.both.then(Vec::new),
            model: self.model.clone(),
            engine: self.engine.clone(),
            sampling: self.sampling,
            seconds: 0.0,
            error: None,
            id: item.id.clone(),
            logits: None,
            base_logits: None,
        }
    }

    /// The row of `item`, which failed by `error` after so long.
    pub fn failed(&self, item: &Item, error: RowError, after: Duration) -> Row {
        Row { seconds: after.as_secs_f64(), error: Some(error), ..self.row(item) }
    }
}
