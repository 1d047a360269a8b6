//! Whether and where from things may be downloaded.

use super::{Client, FetchError, Policy, Servers};
use crate::catalog;

/// Where downloads come from, and how patiently.
#[derive(Debug, Clone)]
pub struct Downloads {
    /// Servers of models.
    pub servers: Servers,
    /// Address of the archive of TensorFlow's C library.
    pub runtime_url: String,
    /// How patient a client is.
    pub policy: Policy,
    /// Whether no network may be touched; what would be fetched is then told.
    pub offline: bool,
}

impl Default for Downloads {
    /// The official servers.
    fn default() -> Self {
        Self {
            servers: Servers::default(),
            runtime_url: catalog::TENSORFLOW_ARCHIVE_URL.to_owned(),
            policy: Policy::default(),
            offline: false,
        }
    }
}

impl Downloads {
    /// A client, where the network may be touched.
    ///
    /// # Errors
    /// [`FetchError::Client`].
    pub fn client(&self) -> Result<Option<Client>, FetchError> {
        (!self.offline).then(|| Client::new(self.policy)).transpose()
    }
}
