//! `Upload-Checksum`: verifies that the received bytes are those that were sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha256, Sha512};

use super::headers::{UPLOAD_CHECKSUM, refused};
use crate::problem::Problem;

/// The value of `Tus-Checksum-Algorithm`.
pub(super) const ALGORITHMS: &str = "sha1,sha256,sha512";

/// The expected checksum of a request's bytes.
pub(super) struct Checksum {
    hasher: Box<dyn DynDigest + Send>,
    expected: Vec<u8>,
}

impl Checksum {
    /// Parses `algorithm base64`.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        let (algorithm, expected) = text.split_once(' ').unwrap_or((text, ""));
        let hasher: Box<dyn DynDigest + Send> = match algorithm {
            "sha1" => Box::new(Sha1::default()),
            "sha256" => Box::new(Sha256::default()),
            "sha512" => Box::new(Sha512::default()),
            _ => return Err(refused(&UPLOAD_CHECKSUM, "names an algorithm that is none of sha1, sha256 and sha512")),
        };
        let expected = STANDARD.decode(expected.trim()).ok().filter(|bytes| bytes.len() == hasher.output_size());
        let expected = expected.ok_or_else(|| refused(&UPLOAD_CHECKSUM, "holds no checksum of this kind in base64"))?;
        Ok(Self { hasher, expected })
    }

    /// Adds received bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// Verifies the checksum.
    pub(super) fn check(self) -> Result<(), Problem> {
        if *self.hasher.finalize() == *self.expected {
            return Ok(());
        }
        let status = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
        let detail = "what arrived has another checksum than what was sent; nothing of it was kept, send it again";
        Err(Problem::new(status, "checksum-mismatch", detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrived_is_checked() {
        for checksum in [
            "sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=",
            "sha256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
            "sha512 m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==",
        ] {
            for (arrived, is_right) in [("hello", true), ("hellO", false), ("", false)] {
                let mut given = Checksum::parse(checksum).unwrap();
                given.update(arrived.as_bytes());
                let checked = given.check();
                assert_eq!(checked.is_ok(), is_right, "{checksum}");
                assert!(checked.is_ok() || checked.unwrap_err().status().as_u16() == 460);
            }
        }
    }

    #[test]
    fn what_cannot_be_checked_is_refused() {
        for wrong in ["", "md5 XUFAKrxLKna5cZ2REBfFkg==", "sha1", "sha1 aGVsbG8=", "sha1 ***"] {
            assert_eq!(Checksum::parse(wrong).err().unwrap().status(), StatusCode::BAD_REQUEST, "{wrong}");
        }
    }
}
