//! What `classify` itself does: it reads the list, has workers make rows, and writes them down.

use std::io::BufReader;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::thread;

use movinet_tf::batch::{Done, Header, List, default_workers};
use movinet_tf::media::Sampling;
use movinet_tf::report::rows::Columns;

use super::Arguments;
use super::rows::Target;
use crate::cli::exit::{Exit, usage};
use crate::cli::workers::{self, Entries, Watch};
use crate::cli::{Context, clip, names};

impl Arguments {
    pub(super) fn supervise(&self, context: &Context) -> anyhow::Result<Exit> {
        let target = Target::of(&self.out)?;
        if (self.resume || self.anew) && matches!(target, Target::Standard) {
            return Err(usage("only a run into a file can be gone on with: --out FILE"));
        }
        if self.reads_standard_input() && self.clips.len() > 1 {
            return Err(usage("- is the whole list: name nothing beside it"));
        }
        let clips = self.clips.iter().map(|clip| ("a clip or list", Some(&**clip)));
        let inputs: Vec<_> = clips.chain(self.models.inputs()).collect();
        names::check(&[("--out", Some(&*self.out))], &inputs)?;
        self.windows()?;
        let list = self.list()?;
        // What isn't here is fetched before workers need it.
        let found = self.session(context)?.find_models()?;
        let rule = found.rule()?;
        if rule.to.is_some_and(|to| to <= rule.from) {
            return Err(usage("--to must be behind --from"));
        }
        if self.window.is_some() && rule.sampling == Sampling::Kinetics {
            return Err(usage("sampling kinetics looks at the middle of whole clips: it has no windows"));
        }
        workers::tell_of_rule(&rule, &self.models, context);
        clip::check_settings(context)?;
        let workers = self.workers.map_or_else(default_workers, usize::from);
        let pool = match workers::start(workers, &[], context)? {
            Ok(pool) => pool,
            Err(said) => return Ok(said),
        };
        let header = Header::new(self.identity()?, pool.about().clone(), self.options());
        let columns = Columns { top: self.top_k.into(), base: pool.about().both, logits: self.logits };
        let mut rows = target.open(columns, &header, self.begin(), context.terminal.results())?;
        let mut entries = Entries::new(list);
        let skipped = entries.skipped();
        let mut items = (&mut entries).map(|entry| entry.unwrap_or_else(|(item, _)| item));
        let before = rows.pass_over(&mut items)?;
        let mut watch = Watch::new(Arc::clone(&context.terminal), "classifying", self.counted(), before);
        let mut is_complete = true;
        let outcome = pool.run(
            entries,
            |done: Done| -> anyhow::Result<bool> {
                for warning in &done.warnings {
                    context.terminal.warning(warning);
                }
                rows.add(&done)?;
                watch.done(&done);
                is_complete = !(self.fail_fast && watch.has_failed_now());
                Ok(is_complete)
            },
            |retired| context.terminal.warning(&format!("a worker less: {retired}")),
        );
        let finished = rows.finish(is_complete && outcome.is_ok());
        let failed = watch.has_failed();
        watch.end(skipped.load(Ordering::Relaxed));
        outcome?;
        finished?;
        Ok(if failed { Exit::NotEqual } else { Exit::Done })
    }

    fn list(&self) -> anyhow::Result<List> {
        Ok(match self.reads_standard_input() {
            true => List::lines(BufReader::new(std::io::stdin()), "standard input"),
            false => List::open(&self.clips)?,
        })
    }

    /// A fingerprint of the list.
    fn identity(&self) -> anyhow::Result<String> {
        Ok(match self.reads_standard_input() {
            true => "-".to_owned(),
            false => List::identity(&self.clips)?,
        })
    }

    /// The number of clips, once they are counted, which is done beside the work.
    fn counted(&self) -> Arc<OnceLock<u64>> {
        let counted = Arc::new(OnceLock::new());
        if !self.reads_standard_input() {
            let (clips, count) = (self.clips.clone(), Arc::clone(&counted));
            // Without a number there is no time left to be told, and nothing else is amiss.
            thread::spawn(move || List::count(&clips).map(|total| count.set(total)));
        }
        counted
    }
}
