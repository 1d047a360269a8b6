//! Checksums that a server announces: `x-goog-hash: crc32c=<base64>,md5=<base64>`, as Google's storage sends it.

use base64::prelude::{BASE64_STANDARD, Engine};
use md5::{Digest, Md5};
use reqwest::header::HeaderMap;

const HEADER: &str = "x-goog-hash";

/// What was announced, and the same computed over what came.
#[derive(Debug, Clone, Default)]
pub(super) struct Checksums {
    md5: Option<(String, Md5)>,
    crc32c: Option<(String, u32)>,
}

impl Checksums {
    /// What `headers` announce; the header may stand there once with both or twice.
    pub fn announced(headers: &HeaderMap) -> Self {
        let mut checksums = Self::default();
        for value in headers.get_all(HEADER).iter().filter_map(|value| value.to_str().ok()) {
            for part in value.split(',') {
                match part.trim().split_once('=') {
                    Some(("md5", wanted)) => checksums.md5 = Some((wanted.to_owned(), Md5::new())),
                    Some(("crc32c", wanted)) => checksums.crc32c = Some((wanted.to_owned(), 0)),
                    _ => {} // an algorithm of a later day
                }
            }
        }
        checksums
    }

    /// The next bytes of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        if let Some((_, hash)) = &mut self.md5 {
            hash.update(bytes);
        }
        if let Some((_, sum)) = &mut self.crc32c {
            *sum = crc32c::crc32c_append(*sum, bytes);
        }
    }

    /// What is wrong with the whole file, if anything is.
    pub fn fault(&self) -> Option<String> {
        let md5 =
            self.md5.as_ref().map(|(wanted, hash)| ("md5", wanted, BASE64_STANDARD.encode(hash.clone().finalize())));
        let crc =
            self.crc32c.as_ref().map(|(wanted, sum)| ("crc32c", wanted, BASE64_STANDARD.encode(sum.to_be_bytes())));
        [md5, crc].into_iter().flatten().find(|(_, wanted, found)| *wanted != found).map(|(name, wanted, found)| {
            format!("what came is not what the server has: its {name} is {found}, announced was {wanted}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn both_sums_are_checked_wherever_they_stand() {
        // Of "123456789": the check values of either algorithm.
        let (crc, md5) = ("crc32c=4waSgw==", "md5=JfnnlDI7RTiF9RgfG2JNCw==");
        let wrong = "md5=AAAAAAAAAAAAAAAAAAAAAA==";
        for (values, good) in [
            (vec![format!("{crc},{md5}")], true),
            (vec![crc.into(), md5.into()], true),
            (vec![crc.into(), wrong.into()], false),
            (vec![], true),
        ] {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(HEADER, HeaderValue::from_str(value).unwrap());
            }
            let mut checksums = Checksums::announced(&headers);
            checksums.update(b"12345");
            checksums.update(b"6789");
            assert_eq!(checksums.fault().is_none(), good, "{values:?}: {:?}", checksums.fault());
        }
    }
}
