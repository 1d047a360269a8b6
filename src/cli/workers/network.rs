//! Which model is asked.

use clap::ValueEnum;
use movinet_tf::catalog::Variation;
use movinet_tf::media::Sampling;
use movinet_tf::session::SessionBuilder;

use crate::cli::Context;
use crate::cli::exit::usage;
use crate::cli::models::ModelArguments;

/// Which model is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Network {
    /// The stream model, after the last frame
    Stream,
    /// The base model, on the whole clip
    Base,
    /// Both of a pair
    Both,
}

impl Network {
    /// A session of the models of this network, of those that `models` names.
    ///
    /// # Errors
    /// Usage where one is asked that isn't named.
    pub fn session(self, models: &ModelArguments, context: &Context) -> anyhow::Result<SessionBuilder> {
        match self {
            Self::Stream | Self::Both if !models.names_stream() => {
                return Err(usage("a stream model is needed: name it, --stream MODEL, or ask --network base"));
            }
            Self::Base | Self::Both if !models.names_base() => {
                return Err(usage("a base model is needed: name it, --base MODEL, or ask --network stream"));
            }
            _ => {}
        }
        let session = models.session_for_clips(context)?.default_sampling(Sampling::Model);
        Ok(match self {
            Self::Stream => session.only(Variation::Stream),
            Self::Base => session.only(Variation::Base),
            Self::Both => session,
        })
    }
}
