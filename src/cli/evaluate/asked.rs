//! Which networks are asked.

use movinet_tf::batch::evaluation::Figures;
use movinet_tf::media::Sampling;
use movinet_tf::report::evaluation::{ModelFigures, Network};
use movinet_tf::session::{Session, SessionError};

/// A network that is asked.
pub struct Asked {
    /// Its model's name.
    pub model: String,
    network: Network,
    engine: String,
    sha256: Option<String>,
    sampling: Sampling,
    rule: String,
}

impl Asked {
    /// The networks of `session`, stream first, as rows have them.
    ///
    /// # Errors
    /// What [`Session::rule`] says.
    pub fn of(session: &Session) -> Result<Vec<Self>, SessionError> {
        let rule = session.rule()?;
        let infos = [(Network::Stream, session.stream_info()), (Network::Base, session.base_info())];
        let asked = infos.into_iter().filter_map(|(network, info)| info.map(|info| (network, info)));
        let asked = asked.map(|(network, info)| Self {
            model: info.name.clone(),
            network,
            engine: info.engine.to_string(),
            sha256: info.sha256.clone(),
            sampling: rule.sampling,
            rule: rule.to_string(),
        });
        Ok(asked.collect())
    }

    /// It, and what it is worth.
    pub fn with(self, figures: Figures) -> ModelFigures {
        let Self { model, network, engine, sha256, sampling, rule } = self;
        ModelFigures { network, model, engine, sha256, sampling, rule, figures }
    }
}
