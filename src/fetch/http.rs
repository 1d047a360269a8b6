//! Reading a file from a web server.

use std::io::Read;
use std::time::Duration;

use super::FetchError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_secs(15);
const MOST_REDIRECTS: usize = 10;

/// A file on its way: its length where the server says it, and its bytes.
pub struct Body {
    /// Bytes to come, where known.
    pub length: Option<u64>,
    /// The bytes.
    pub reader: Box<dyn Read + Send>,
}

/// Asks for `url`, following redirects.
///
/// # Errors
/// [`FetchError::Download`] when the server is out of reach or answers anything but success.
pub fn get(url: &str) -> Result<Body, FetchError> {
    let failed = |reason: String| FetchError::Download { url: url.to_owned(), reason };
    // Another part of the process may have chosen a provider already; then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::blocking::Client::builder()
        .user_agent(concat!("movinet-tf/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(None)
        .redirect(reqwest::redirect::Policy::limited(MOST_REDIRECTS))
        .build()
        .map_err(|error| failed(causes(&error)))?;
    // In the blocking client a request's time-out covers each read, not the whole body.
    let response = client.get(url).timeout(READ_TIMEOUT).send().map_err(|error| failed(causes(&error)))?;
    if !response.status().is_success() {
        return Err(failed(format!("the server answered {}", response.status())));
    }
    Ok(Body { length: response.content_length(), reader: Box::new(response) })
}

/// An error with all that caused it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line = format!("{line}: {cause}");
        source = cause.source();
    }
    line
}
