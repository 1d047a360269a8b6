//! A web server on loopback that plays TensorFlow Hub and Kaggle, and their faults.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Path and query.
    pub target: String,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first byte that a `Range` header asks for.
    pub fn range_start(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// What happens while the body is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    None,
    /// The connection is reset after so many bytes.
    ResetAfter(usize),
    /// Nothing more comes after so many bytes, for longer than anyone waits.
    StallAfter(usize),
    /// So many bytes, then a pause of so many milliseconds, and so on.
    Slow(usize, u64),
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: &'static str,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The `Content-Length` to claim: the body's, another, or none.
    pub length: Option<usize>,
    pub fault: Fault,
}

impl Reply {
    pub fn ok(body: &[u8]) -> Self {
        Self { status: "200 OK", headers: vec![], body: body.to_vec(), length: Some(body.len()), fault: Fault::None }
    }

    pub fn status(status: &'static str) -> Self {
        Self { status, ..Self::ok(b"") }
    }

    pub fn redirect(to: &str) -> Self {
        Self::status("302 Found").header("Location", to)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn fault(self, fault: Fault) -> Self {
        Self { fault, ..self }
    }

    pub fn length(self, length: Option<usize>) -> Self {
        Self { length, ..self }
    }

    /// The rest of `body` from `start` on, as a server that resumes sends it.
    pub fn partial(body: &[u8], start: usize) -> Self {
        let range = format!("bytes {start}-{}/{}", body.len() - 1, body.len());
        Self { status: "206 Partial Content", ..Self::ok(&body[start..]) }.header("Content-Range", &range)
    }
}

/// The server; it answers until the test's process ends.
pub struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each request with `answer(request, number)`, the number counted from 0.
    pub fn start(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (answer, seen) = (Arc::new(answer), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                thread::spawn(move || serve(&stream, &*answer, &seen));
            }
        });
        Self { port, requests }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The same server under another host's name.
    pub fn other_host(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, answer: &dyn Fn(&Request, usize) -> Reply, seen: &Mutex<Vec<Request>>) {
    let Some(request) = read_request(stream) else { return };
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        seen.len() - 1
    };
    let reply = answer(&request, number);
    let mut head = format!("HTTP/1.1 {}\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if let Some(length) = reply.length {
        head += &format!("Content-Length: {length}\r\n");
    }
    // A client that gave up makes these fail, which is the test's business.
    let _ = send(stream, head + "\r\n", &reply);
}

fn send(mut stream: &TcpStream, head: String, reply: &Reply) -> std::io::Result<()> {
    stream.write_all(head.as_bytes())?;
    match reply.fault {
        Fault::None => stream.write_all(&reply.body)?,
        Fault::ResetAfter(count) => stream.write_all(&reply.body[..count])?,
        Fault::StallAfter(count) => {
            stream.write_all(&reply.body[..count])?;
            thread::sleep(Duration::from_secs(60));
        }
        Fault::Slow(count, pause) => {
            for chunk in reply.body.chunks(count) {
                stream.write_all(chunk)?;
                thread::sleep(Duration::from_millis(pause));
            }
        }
    }
    stream.shutdown(Shutdown::Both)
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned())))
        .collect();
    Some(Request { target, headers })
}
