//! From a clip of a list to its row.

use std::path::Path;
use std::time::{Duration, Instant, TryFromFloatSecsError};

use super::windows::Windows;
use super::{ErrorKind, Item, Row, RowError, Selection};
use crate::media::{FrameSource, Lender, Sampling};
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
    /// What runs each: the base model, and the stream model.
    #[serde(default)]
    pub engines: [Option<String>; 2],
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
            engines: [session.base_info(), session.stream_info()].map(|info| Some(info?.engine.to_string())),
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
        let item = &self.in_full(item);
        let part = match (seconds(item.from), seconds(item.to)) {
            (Ok(from), Ok(to)) if to.is_none_or(|to| from.unwrap_or_default() < to) => (from, to),
            _ => {
                let message =
                    format!("'{}': a part begins at a number of seconds, and ends behind it", item.path.display());
                return vec![self.about.failed(item, RowError { kind: ErrorKind::BadClip, message }, began.elapsed())];
            }
        };
        match ((self.open)(&item.path), self.windows) {
            (Err(error), _) => vec![self.about.failed(item, error, began.elapsed())],
            (Ok(source), None) => vec![self.row(item, part, source, began)],
            (Ok(source), Some(windows)) => self.rows_of_windows(item, part, source, windows, began),
        }
    }

    /// `item` with the part that is to be looked at where it names none.
    fn in_full(&self, item: &Item) -> Item {
        let options = self.session.sampling_options();
        let own = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        Item { from: item.from.or(own(options.from)), to: item.to.or(own(options.to)), ..item.clone() }
    }

    /// A row for each of the `windows` of a part of `item`, the last of which is the first that reaches its end.
    fn rows_of_windows(
        &self,
        item: &Item,
        (from, to): (Option<Duration>, Option<Duration>),
        source: Source,
        windows: Windows,
        mut began: Instant,
    ) -> Vec<Row> {
        let mut rows = Vec::new();
        // Windows that overlap are read in as many passes as lie over each other.
        let mut lenders = vec![Lender::new(source)];
        for (count, window) in windows.enumerate() {
            let start = from.unwrap_or_default().saturating_add(window.start);
            let end = from.unwrap_or_default().saturating_add(window.end).min(to.unwrap_or(Duration::MAX));
            if start >= end {
                return rows;
            }
            let lane = count % windows.passes();
            if lane == lenders.len() {
                match (self.open)(&item.path) {
                    Ok(source) => lenders.push(Lender::new(source)),
                    Err(error) => {
                        rows.push(self.about.failed(item, error, began.elapsed()));
                        return rows;
                    }
                }
            }
            let Some(lent) = lenders[lane].lend() else { return rows };
            let named = Item { from: Some(start.as_secs_f64()), to: Some(end.as_secs_f64()), ..item.clone() };
            let row = self.row(&named, (Some(start), Some(end)), Box::new(lent), began);
            let is_empty = row.error.as_ref().is_some_and(|error| error.kind == ErrorKind::Empty);
            let is_last = lenders[lane].has_ended() || Some(end) == to || (row.error.is_some() && !is_empty);
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

    fn row(
        &self,
        item: &Item,
        (from, to): (Option<Duration>, Option<Duration>),
        source: Source,
        began: Instant,
    ) -> Row {
        let classified = match self.session.part(from, to).classify(source) {
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

/// A time of a list.
fn seconds(typed: Option<f64>) -> Result<Option<Duration>, TryFromFloatSecsError> {
    typed.map(Duration::try_from_secs_f64).transpose()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::PairName;
    use crate::session::SessionBuilder;

    #[test]
    fn the_engines_of_all_models_are_in_common() {
        let about = |of: fn(SessionBuilder) -> SessionBuilder| {
            let session = of(Session::builder().pair(PairName::Fake).size(8)).build().unwrap();
            let open = |_: &Path| unreachable!("nothing is opened");
            let selection = Selection::new(1, 0.0, &[], &[], &session.class_names()).unwrap();
            Classifier::new(session, Box::new(open), selection, None, false).unwrap().about().clone()
        };
        let fake = || Some("fake".to_owned());
        assert_eq!(about(|session| session).engines, [fake(), fake()]);
        assert_eq!(about(|session| session.only(crate::catalog::Variation::Base)).engines, [fake(), None]);
    }
}
