//! What servers do: redirects, refusals, broken and slow bodies, wrong checksums.

use std::time::{Duration, Instant};

use crate::support::{Fault, Reply, Server};
use crate::world::{HUB, POLICY, World, archive, is_hub, kaggle_serves_after};
use movinet_tf::cache::Origin;
use movinet_tf::fetch::Login;

#[test]
fn plain() {
    let server = Server::start(|_, _| Reply::ok(&archive()));
    let world = World::new(&server);
    world.fetches();
    assert_eq!(server.requests()[0].target, HUB);
    assert_eq!(world.fetch().unwrap().origin, Origin::Cache);
    assert_eq!(server.requests().len(), 1, "what is here is not asked for again");
}

#[test]
fn redirect_chain_to_a_signed_address_that_is_not_stored() {
    let server = Server::start(|request, _| match request.target.as_str() {
        HUB => Reply { status: "303 See Other", ..Reply::redirect("/kaggle?tf-hub-format=compressed") },
        "/kaggle?tf-hub-format=compressed" => Reply::redirect("/storage/archive?signature=secret"),
        _ => Reply::ok(&archive()),
    });
    let world = World::new(&server);
    let record = world.fetches();
    assert_eq!(server.requests().len(), 3);
    assert_eq!(record.source, server.url() + HUB);
}

#[test]
fn forbidden_then_kaggle() {
    kaggle_serves_after(|| Reply::status("403 Forbidden"));
}

#[test]
fn not_found_anywhere() {
    let server = Server::start(|_, _| Reply::status("404 Not Found"));
    World::new(&server).fails("404 Not Found");
    assert_eq!(server.requests().len(), 2, "what isn't there isn't asked for twice");
}

#[test]
fn too_many_requests_waits_as_long_as_asked() {
    let server = Server::start(|_, number| match number {
        0 => Reply::status("429 Too Many Requests").header("Retry-After", "1"),
        _ => Reply::ok(&archive()),
    });
    let began = Instant::now();
    assert!(World::new(&server).fetches().source.contains("/tensorflow/"));
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[test]
fn server_error_twice_then_fine() {
    let server = Server::start(|_, number| match number {
        0 | 1 => Reply::status("500 Internal Server Error"),
        _ => Reply::ok(&archive()),
    });
    World::new(&server).fetches();
    assert_eq!(server.requests().len(), 3);
}

/// A server that breaks off the first answer after 100,000 bytes; `resumed` answers requests for the rest.
fn breaking(resumed: impl Fn(usize, &[u8]) -> Reply + Send + Sync + 'static) -> Server {
    let body = archive();
    Server::start(move |request, number| match (request.range_start(), number) {
        (Some(start), _) => resumed(start, &body),
        (None, 0) => Reply::ok(&body).header("Accept-Ranges", "bytes").fault(Fault::ResetAfter(100_000)),
        (None, _) => Reply::ok(&body),
    })
}

#[test]
fn reset_in_the_body_is_resumed() {
    let server = breaking(|start, body| Reply::partial(body, start));
    World::new(&server).fetches();
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].range_start(), Some(100_000), "{requests:?}");
}

#[test]
fn resume_refused_with_200_starts_over() {
    let server = breaking(|_, body| Reply::ok(body));
    World::new(&server).fetches();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn wrong_content_range_starts_over() {
    let server = breaking(|start, body| Reply::partial(body, start + 1));
    World::new(&server).fetches();
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn reset_without_ranges_starts_over() {
    let server = Server::start(|_, number| match number {
        0 => Reply::ok(&archive()).fault(Fault::ResetAfter(100_000)),
        _ => Reply::ok(&archive()),
    });
    World::new(&server).fetches();
    assert!(server.requests().iter().all(|request| request.header("range").is_none()));
}

#[test]
fn wrong_md5() {
    kaggle_serves_after(|| Reply::ok(&archive()).header("x-goog-hash", "md5=AAAAAAAAAAAAAAAAAAAAAA=="));
}

#[test]
fn wrong_crc32c() {
    kaggle_serves_after(|| Reply::ok(&archive()).header("x-goog-hash", "crc32c=AAAAAA=="));
}

#[test]
fn right_hashes_and_none_are_both_fine() {
    use base64::prelude::{BASE64_STANDARD, Engine};
    use md5::Digest;
    let body = archive();
    let sums = format!(
        "crc32c={},md5={}",
        BASE64_STANDARD.encode(crc32c::crc32c(&body).to_be_bytes()),
        BASE64_STANDARD.encode(md5::Md5::digest(&body))
    );
    let server = Server::start(move |_, _| Reply::ok(&body).header("x-goog-hash", &sums));
    World::new(&server).fetches();
    assert_eq!(server.requests().len(), 1);
    let server = Server::start(|_, _| Reply::ok(&archive()));
    World::new(&server).fetches();
}

#[test]
fn length_short() {
    kaggle_serves_after(|| Reply::ok(&archive()).length(Some(200_000)));
}

#[test]
fn length_long() {
    kaggle_serves_after(|| Reply::ok(&archive()).length(Some(9_000_000)));
}

#[test]
fn stalled_body() {
    let began = Instant::now();
    kaggle_serves_after(|| Reply::ok(&archive()).fault(Fault::StallAfter(50_000)));
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn slow_but_steady_is_fine() {
    let server = Server::start(|_, _| Reply::ok(&archive()).fault(Fault::Slow(30_000, 150)));
    let began = Instant::now();
    World::new(&server).fetches();
    assert!(began.elapsed() > POLICY.read_timeout, "the time-out is for a silence, not for the whole");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn unknown_length() {
    let server = Server::start(|_, _| Reply::ok(&archive()).length(None));
    World::new(&server).fetches();
}

#[test]
fn redirect_loop() {
    let server = Server::start(|request, _| Reply::redirect(&request.target.clone()));
    World::new(&server).fails("redirected too often");
    assert!(server.requests().len() <= 2 * (POLICY.redirects + 1));
}

#[test]
fn redirect_to_another_host_drops_the_login() {
    let storage = Server::start(|_, _| Reply::ok(&archive()));
    let target = storage.other_host() + "/signed";
    let server = Server::start(move |request, _| match is_hub(request) {
        true => Reply::status("403 Forbidden"),
        false => Reply::redirect(&target),
    });
    let mut world = World::new(&server);
    world.servers.kaggle_login = Login::bearer("secret");
    world.fetches();
    let requests = server.requests();
    assert_eq!(requests[0].header("authorization"), None, "the login is Kaggle's, not the hub's");
    assert_eq!(requests[1].header("authorization"), Some("Bearer secret"));
    assert_eq!(storage.requests()[0].header("authorization"), None);
    assert!(!format!("{:?}", world.servers).contains("secret"));
}
