//! `movinet-tf evaluate`.

mod asked;
mod judges;
mod judging;
mod side_by_side;
mod strips;
mod truths;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use movinet_tf::batch::{List, Pool, PoolError, Selection, default_workers};
use movinet_tf::catalog::Variation;
use movinet_tf::predict::Labels;
use movinet_tf::report::evaluation::{EvaluationReport, SCHEMA, html, text};
use movinet_tf::report::{OutputTarget, json};
use movinet_tf::session::SessionBuilder;

use self::asked::Asked;
use self::judges::Judges;
use super::exit::{Exit, ONE_TO_STDOUT, usage};
use super::models::ModelArguments;
use super::workers::{self, Network};
use super::{Context, environment, names, pictures};

const EXAMPLES: &str = "\
A list (.csv, .jsonl or .parquet) has `path` and `label`, a class by its name or its index, and, if
it likes, `from`, `to` (seconds) and `id`. A clip that cannot be used is in no figure, and told.

Examples:
  movinet-tf evaluate list.csv --model a0 --sampling kinetics     as published figures are measured
  movinet-tf evaluate list.csv --model a2 --network stream --html report.html
  movinet-tf evaluate list.csv --stream DIR --labels labels.txt --json figures.json
  movinet-tf evaluate list.csv --model a0 --compare a2     which clips change, and is it chance";

/// Say how often the models are right on clips whose classes are known
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A list of clips with their classes
    list: PathBuf,
    #[command(flatten)]
    models: ModelArguments,
    /// Which model is asked: the stream model after a clip's last frame, the base model on all of it, or both [default: those that are named; with --compare, stream]
    #[arg(long, value_name = "NETWORK")]
    network: Option<Network>,
    /// Ask another model of the same kind too, and tell what it says differently: its name, its pair's, or its folder
    #[arg(long, value_name = "MODEL")]
    compare: Option<PathBuf>,
    /// Write the figures as JSON; - is stdout, instead of the table
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
    /// Write a page with everything, to look at in a browser; - is stdout, instead of the table
    #[arg(long, value_name = "FILE.html|-")]
    html: Option<PathBuf>,
    /// Processes that work side by side [default: as many as there are cores and memory for]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
}

impl Arguments {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<Exit> {
        match environment::text(environment::WORKER) {
            Some(threads) => self.work(threads.parse()?, context),
            None => self.supervise(context),
        }
    }

    /// What a worker does: all classes of each clip are told.
    fn work(&self, threads: u16, context: &Context) -> anyhow::Result<Exit> {
        let network = self.network()?;
        let models = match environment::text(environment::WORKER_COMPARED).and(self.compared(network)) {
            Some(compared) => compared,
            None => self.models.clone(),
        };
        let rows = workers::Rows { models: &models, windows: None, logits: false };
        let all = |names: &Labels| Ok(Selection::new(usize::MAX, 0.0, &[], &[], names)?);
        workers::serve(network.session(&models, context)?, &rows, all, threads, context)
    }

    fn supervise(&self, context: &Context) -> anyhow::Result<Exit> {
        let began = Instant::now();
        if self.list == Path::new("-") {
            return Err(usage("the list is read twice, and standard input can be read once: name a file"));
        }
        let outputs = [("--json", self.json.as_deref()), ("--html", self.html.as_deref())];
        let inputs = [("the list", Some(&*self.list)), ("--compare", self.compare.as_deref())];
        names::check(&outputs, &[&inputs[..], &self.models.inputs()].concat())?;
        let network = self.network()?;
        let [json_to, html_to] = [&self.json, &self.html].map(|to| to.as_deref().map(OutputTarget::create));
        let (json_to, html_to) = (json_to.transpose()?, html_to.transpose()?);
        let is_standard = |to: &Option<OutputTarget>| to.as_ref().is_some_and(OutputTarget::is_standard);
        let takes_standard = [is_standard(&json_to), is_standard(&html_to)];
        if takes_standard == [true; 2] {
            return Err(usage(ONE_TO_STDOUT));
        }
        drop(List::open(std::slice::from_ref(&self.list))?); // a bad one is told before models are looked for
        let (mut asked, names) = self.asked(network.session(&self.models, context)?, context)?;
        let clips = truths::check(&self.list, &names)?;
        if let Some(compared) = self.compared(network) {
            let (others, other_names) = self.asked(network.session(&compared, context)?, context)?;
            if other_names != names {
                return Err(usage("the model of --compare has other classes, or other names of them"));
            }
            asked.extend(others);
        }
        let pools = match self.pools(context)? {
            Ok(pools) => pools,
            Err(said) => return Ok(said),
        };
        let mut judges = Judges::new(asked.len(), names);
        judging::judge(pools, &self.list, clips, &mut judges, context)?;
        let (models, comparison) = judges.figures(asked);
        let strips = html_to.as_ref().map(|_| strips::of(&models, &self.models, context)).unwrap_or_default();
        let seconds = began.elapsed().as_secs_f64();
        let report = EvaluationReport { schema: SCHEMA, list: self.list.clone(), models, comparison, seconds };
        let mut results = context.terminal.results();
        // Files first: nobody may read the rest any more.
        if let Some(target) = json_to {
            target.finish(&mut results, |output| json::write(&report, output))?;
        }
        if let Some(target) = html_to {
            let provenance = pictures::provenance();
            target.finish(&mut results, |output| html::write(&report, &strips, &provenance, output))?;
        }
        if takes_standard == [false; 2] {
            text::write(&report, &mut results)?;
        }
        results.flush()?;
        let failed = report.models.iter().any(|model| model.figures.failed > 0);
        Ok(if failed { Exit::NotEqual } else { Exit::Done })
    }

    /// Which of the models are asked.
    fn network(&self) -> anyhow::Result<Network> {
        let (has_base, has_stream) = (self.models.names_base(), self.models.names_stream());
        match (self.network, &self.compare) {
            (Some(Network::Both), Some(_)) => {
                Err(usage("two models are compared, one with --compare: --network stream or --network base"))
            }
            (Some(network), _) => Ok(network),
            (None, None) if has_base && has_stream => Ok(Network::Both),
            (None, _) if has_stream => Ok(Network::Stream),
            (None, _) => Ok(Network::Base),
        }
    }

    /// Flags of the model of `--compare`, where there is one.
    fn compared(&self, network: Network) -> Option<ModelArguments> {
        let variation = if network == Network::Base { Variation::Base } else { Variation::Stream };
        self.compare.as_ref().map(|named| self.models.of_other(named, variation))
    }

    /// The networks of `session`, and the names of their classes. What isn't here is fetched, before workers need it.
    fn asked(&self, session: SessionBuilder, context: &Context) -> anyhow::Result<(Vec<Asked>, Labels)> {
        let found = session.find_models()?;
        workers::tell_of_rule(&found.rule()?, &self.models, context);
        let session = found.load()?;
        Ok((Asked::of(&session)?, truths::class_names(&session)))
    }

    /// Workers for the model, and for that of `--compare`. Where they end and have said why, that is how.
    fn pools(&self, context: &Context) -> Result<Result<Vec<Pool>, Exit>, PoolError> {
        let all = self.workers.map_or_else(default_workers, usize::from);
        let kinds: &[&[_]] =
            if self.compare.is_some() { &[&[], &[(environment::WORKER_COMPARED, "1")]] } else { &[&[]] };
        let mut pools = Vec::new();
        for more in kinds {
            match workers::start(all.div_ceil(kinds.len()), more, context)? {
                Ok(pool) => pools.push(pool),
                Err(said) => return Ok(Err(said)),
            }
        }
        Ok(Ok(pools))
    }
}
