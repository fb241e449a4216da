//! Recognises a file from its first bytes, before it is uploaded.

use std::io::Cursor;

use rethread_model::{JobError, Vendor};
use rethread_vendors::{info, refusal};

use crate::container::{self, Packing};
use crate::detect::{PREFIX_BYTES, detect};

/// The likely vendor of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// The vendor.
    pub vendor: Vendor,
    /// The evidence in the file, for people.
    pub evidence: &'static str,
}

/// Recognises the file that begins with `beginning`; about ten kilobytes suffice for most files.
/// Packed files are unpacked, up to 256 KiB. The error's message says what the file looks like
/// instead. Planning the whole file may come to another result.
pub fn recognise(beginning: &[u8]) -> Result<Recognised, JobError> {
    match container::sniff(&mut Cursor::new(beginning)).unwrap_or(Packing::Plain) {
        Packing::Plain => document(&beginning[..beginning.len().min(PREFIX_BYTES)]),
        Packing::Gzip => match &container::gzip_beginning(beginning, PREFIX_BYTES)[..] {
            [] => Err(refusal(
                "truncated",
                "The file is packed with gzip and cannot be unpacked. Download the export again and upload it as it comes.",
                None,
            )),
            unpacked => document(unpacked),
        },
        Packing::Zip => {
            let recognised = container::zip_beginnings(beginning, PREFIX_BYTES, |unpacked| document(unpacked).ok());
            recognised.ok_or_else(|| {
                let message = "The file is a zip. Whose export is in it shows once it is uploaded whole.";
                refusal("not_an_export", message, None)
            })
        }
    }
}

fn document(beginning: &[u8]) -> Result<Recognised, JobError> {
    let vendor = detect(&container::beginning(beginning), 0, None)?.vendor;
    Ok(Recognised { vendor, evidence: info(vendor).evidence })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const DISQUS: &[u8] = b"<?xml version=\"1.0\"?>\n<disqus xmlns=\"http://disqus.com\"><category dsq:id=\"1\">";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_beginning_is_enough_whatever_it_is_packed_in() {
        let packed = gzip(&[DISQUS, &vec![b' '; 100_000]].concat());
        let archive = zip(&[("readme.txt", b"hello"), ("export.xml", DISQUS)]);
        for beginning in [DISQUS, &packed, &packed[..packed.len() - 20], &archive] {
            assert_eq!(recognise(beginning).unwrap().vendor, Vendor::Disqus);
        }
    }

    #[test]
    fn what_is_no_export_is_said() {
        for (beginning, said) in [
            (b"<!DOCTYPE html><html>".to_vec(), "an HTML page"),
            (b"".to_vec(), "is empty"),
            (gzip(b"<!DOCTYPE html><html>"), "an HTML page"),
            (gzip(DISQUS)[..4].to_vec(), "cannot be unpacked"),
            (zip(&[("readme.txt", b"hello")]), "is a zip"),
            (b"PK\x03\x04 and no zip".to_vec(), "is a zip"),
        ] {
            let refusal = recognise(&beginning).unwrap_err();
            assert!(refusal.message.contains(said), "{refusal:?}");
        }
    }

    #[test]
    fn a_bomb_is_unpacked_no_further_than_is_needed() {
        let bomb = gzip(&vec![b' '; 50 << 20]);
        assert!(bomb.len() < 64 << 10, "{} bytes are more than a request may bring", bomb.len());
        assert_eq!(container::gzip_beginning(&bomb, PREFIX_BYTES).len(), PREFIX_BYTES);
        assert!(recognise(&bomb).is_err());
    }
}
