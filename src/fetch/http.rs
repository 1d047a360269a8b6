//! Reading a file from a web server: bounded redirects, time-outs, patience with what can pass, resuming, checksums.

use std::io::{self, Read};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::blocking::{RequestBuilder, Response};
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::redirect;
use rustls_platform_verifier::BuilderVerifierExt;

use super::FetchError;
use super::checksum::Checksums;

const USER_AGENT: &str = concat!("movinet-tf/", env!("CARGO_PKG_VERSION"));

/// How patient a client is.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// How often a request is made at most, the first included.
    pub attempts: u32,
    /// Pause before the second attempt; it doubles from attempt to attempt.
    pub first_pause: Duration,
    /// The longest pause, whatever the server asks for.
    pub longest_pause: Duration,
    /// Time for a connection to be made.
    pub connect_timeout: Duration,
    /// Time without a byte.
    pub read_timeout: Duration,
    /// Redirects that are followed for one request.
    pub redirects: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(15),
            redirects: 10,
        }
    }
}

/// A login for one address; a redirect to another host drops it.
#[derive(Clone)]
pub struct Login {
    header: HeaderValue,
}

impl Login {
    /// `Authorization: Bearer TOKEN`; `None` when the token cannot stand in a header.
    pub fn bearer(token: &str) -> Option<Self> {
        Self::from_text(&format!("Bearer {}", token.trim()))
    }

    /// `Authorization: Basic ...` of a user and a key.
    pub fn basic(user: &str, key: &str) -> Option<Self> {
        use base64::prelude::{BASE64_STANDARD, Engine};
        Self::from_text(&format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{key}"))))
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut header = HeaderValue::from_str(text).ok()?;
        header.set_sensitive(true); // kept out of every log
        Some(Self { header })
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(hidden)")
    }
}

/// Makes requests.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::blocking::Client,
    policy: Policy,
}

/// Why a request, or reading its answer, failed.
#[derive(Debug, Clone)]
struct Failure {
    reason: String,
    /// Whether trying again can help, and how long the server asks to wait.
    transient: Option<Option<Duration>>,
}

impl Client {
    /// A client with this patience. It honours `HTTPS_PROXY` and its kin.
    ///
    /// # Errors
    /// [`FetchError::Client`] when the system's certificates or proxies cannot be used.
    pub fn new(policy: Policy) -> Result<Self, FetchError> {
        let failed = |reason: String| FetchError::Client { reason };
        let inner = reqwest::blocking::Client::builder()
            .tls_backend_preconfigured(tls().map_err(|error| failed(error.to_string()))?)
            .user_agent(USER_AGENT)
            .connect_timeout(policy.connect_timeout)
            .timeout(policy.read_timeout) // of the blocking client: for the answer, then for each read of the body
            .redirect(redirect::Policy::limited(policy.redirects))
            .build()
            .map_err(|error| failed(causes(&error)))?;
        Ok(Self { inner, policy })
    }

    /// How patient it is.
    pub(super) fn policy(&self) -> Policy {
        self.policy
    }

    /// Asks for `url` until there is an answer or patience ends.
    ///
    /// # Errors
    /// [`FetchError::Download`] with what the server, or the way to it, said last.
    pub(crate) fn open(&self, url: &str, login: Option<&Login>) -> Result<Download, FetchError> {
        let request = || {
            let request = self.inner.get(url);
            match login {
                Some(login) => request.header(header::AUTHORIZATION, &login.header),
                None => request,
            }
        };
        let mut attempt = 1;
        loop {
            match self.send(request()) {
                Ok(response) => return Ok(Download::new(self.clone(), url, response)),
                Err(failure) => match failure.transient {
                    Some(wait) if attempt < self.policy.attempts => self.pause(attempt, wait),
                    _ => {
                        let Failure { reason, transient } = failure;
                        return Err(FetchError::Download {
                            url: url.to_owned(),
                            reason,
                            transient: transient.is_some(),
                        });
                    }
                },
            }
            attempt += 1;
        }
    }

    fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let response = request.send().map_err(|error| Failure {
            reason: causes(&error),
            // No connection at all is mostly no network, and then waiting is no help.
            transient: (!error.is_connect() && !error.is_redirect() && !error.is_builder()).then_some(None),
        })?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let can_pass =
            status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
        Err(Failure {
            reason: format!("the server answered {status}"),
            transient: can_pass.then(|| retry_after(response.headers())),
        })
    }

    /// Waits before attempt `attempt + 1`: what the server asks for, else ever longer, never in step with others.
    pub(super) fn pause(&self, attempt: u32, wait: Option<Duration>) {
        let doubled = self.policy.first_pause * 2u32.saturating_pow(attempt - 1);
        let jittered = doubled.mul_f64(0.5 + fastrand::f64());
        thread::sleep(wait.unwrap_or(jittered).min(self.policy.longest_pause));
    }
}

/// A file on its way. Reading it resumes a connection that breaks, where the server allows it, and ends with an error
/// unless length and checksums are those that the server announced.
#[derive(Debug)]
pub(crate) struct Download {
    client: Client,
    /// What was asked for first; what answered in the end may be a signed address, which nobody may keep.
    url: String,
    answered: String,
    response: Response,
    position: u64,
    length: Option<u64>,
    resumable: bool,
    validator: Option<HeaderValue>,
    checksums: Checksums,
    resumed: u32,
    finished: bool,
    failure: Option<Failure>,
}

impl Download {
    fn new(client: Client, url: &str, response: Response) -> Self {
        let headers = response.headers();
        let length = response.content_length();
        let ranges = headers.get(header::ACCEPT_RANGES).is_some_and(|value| value == "bytes");
        let strong = |value: &&HeaderValue| !value.as_bytes().starts_with(b"W/");
        Self {
            url: url.to_owned(),
            answered: response.url().to_string(),
            position: 0,
            length,
            resumable: ranges && length.is_some(),
            validator: headers.get(header::ETAG).filter(strong).cloned(),
            checksums: Checksums::announced(headers),
            resumed: 0,
            finished: false,
            failure: None,
            client,
            response,
        }
    }

    /// Bytes to come in all, where the server said it.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// What stopped the reading, if the network or the server did: the error, and whether another download may help.
    pub fn failure(&self) -> Option<(FetchError, bool)> {
        let failure = self.failure.as_ref()?;
        let (url, transient) = (self.url.clone(), failure.transient.is_some());
        Some((FetchError::Download { url, reason: failure.reason.clone(), transient }, transient))
    }

    fn fail(&mut self, reason: String, transient: bool) -> io::Error {
        let error = io::Error::other(reason.clone());
        self.failure = Some(Failure { reason, transient: transient.then_some(None) });
        error
    }

    /// Goes on from `position` in a new answer of the same server.
    fn resume(&mut self) -> Result<(), String> {
        let mut request = self.client.inner.get(&self.answered);
        request = request.header(header::RANGE, format!("bytes={}-", self.position));
        if let Some(validator) = &self.validator {
            request = request.header(header::IF_RANGE, validator);
        }
        let response = self.client.send(request).map_err(|failure| failure.reason)?;
        if response.status() != StatusCode::PARTIAL_CONTENT {
            return Err(format!("the server doesn't resume: it answered {}", response.status()));
        }
        let range =
            response.headers().get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or("none");
        let total = self.length.unwrap_or_default();
        let wanted = format!("bytes {}-{}/{total}", self.position, total.saturating_sub(1));
        if range != wanted {
            return Err(format!("the server resumes elsewhere: '{range}' instead of '{wanted}'"));
        }
        self.response = response;
        Ok(())
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(failure) = &self.failure {
                return Err(io::Error::other(failure.reason.clone()));
            }
            if self.finished {
                return Ok(0);
            }
            let broke = match self.response.read(buffer) {
                Ok(0) if self.length.is_none_or(|length| self.position == length) => {
                    self.finished = true;
                    return match self.checksums.fault() {
                        Some(fault) => Err(self.fail(fault, true)),
                        None => Ok(0),
                    };
                }
                Ok(0) if !buffer.is_empty() => "the connection ended too early".to_owned(),
                Ok(count) => {
                    self.checksums.update(&buffer[..count]);
                    self.position += count as u64;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => causes(&error),
            };
            if !self.resumable || self.resumed + 1 >= self.client.policy.attempts {
                return Err(self.fail(broke, true));
            }
            self.resumed += 1;
            self.client.pause(self.resumed, None);
            if let Err(reason) = self.resume() {
                return Err(self.fail(format!("{broke}, and {reason}"), true));
            }
        }
    }
}

/// TLS by ring with the system's certificates, for this client alone: the process's default provider is its own affair.
fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_platform_verifier()?.with_no_client_auth())
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// An error with all that caused it, in one line. Addresses are left out: a redirected one may be signed.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut lines = Vec::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        let line = match error.downcast_ref::<reqwest::Error>() {
            Some(error) => bare(error),
            None => error.to_string(),
        };
        if lines.last() != Some(&line) {
            lines.push(line);
        }
        cause = error.source();
    }
    lines.join(": ")
}

fn bare(error: &reqwest::Error) -> String {
    match () {
        () if error.is_timeout() => "it took too long".into(),
        () if error.is_redirect() => "redirected too often".into(),
        () if error.is_connect() => "cannot connect".into(),
        () if error.is_body() || error.is_decode() => "the connection broke".into(),
        () => "the request failed".into(),
    }
}
