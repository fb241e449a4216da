//! gzip with one or more members.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

/// Reads all members. Anything after the last one that is not a member, such as padding, is
/// skipped.
///
/// A truncated gzip ends with [`io::ErrorKind::UnexpectedEof`]; an altered one, with another kind.
pub(super) struct Members<R: Read> {
    state: State<R>,
    /// Bytes unpacked from the current member.
    unpacked: u64,
}

enum State<R: Read> {
    Inside(Box<GzDecoder<BufReader<Tail<R>>>>),
    /// Also the state after an error.
    Done,
}

impl<R: Read> Members<R> {
    pub(super) fn new(inner: R) -> Self {
        let inner = BufReader::with_capacity(64 * 1024, Tail { inner, last: [0; 4] });
        Self { state: State::Inside(Box::new(GzDecoder::new(inner))), unpacked: 0 }
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let State::Inside(decoder) = &mut self.state else { return Ok(0) };
            let length = match decoder.read(buffer) {
                Ok(length) => length,
                Err(error) => {
                    // If the end is in the file but was not recognised, a bit was flipped.
                    let is_altered = error.kind() == io::ErrorKind::UnexpectedEof
                        && ends_with_size(decoder.get_ref().get_ref().last, self.unpacked);
                    self.state = State::Done;
                    return Err(if is_altered { altered() } else { error });
                }
            };
            self.unpacked += length as u64;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            // The member has ended. Another one may follow, or padding.
            self.unpacked = 0;
            let State::Inside(decoder) = std::mem::replace(&mut self.state, State::Done) else { return Ok(0) };
            let mut inner = decoder.into_inner();
            match inner.fill_buf()? {
                [0x1f, 0x8b, ..] => self.state = State::Inside(Box::new(GzDecoder::new(inner))),
                [one, two, three, ..] if is_nearly_magic([*one, *two, *three]) => return Err(altered()),
                _ => {}
            }
        }
    }
}

/// Whether the file ends with the unpacked size, as a complete gzip does (RFC 1952), although the
/// decoder found no end. Then nothing is missing: a flipped bit made the end unreadable. The sizes
/// may differ, because data after such a bit is unpacked wrongly. In a truncated file, the last
/// four bytes are practically random.
fn ends_with_size(last: [u8; 4], unpacked: u64) -> bool {
    const MOST_DIFFERENCE: u64 = 4 << 20;
    let size = u64::from(u32::from_le_bytes(last));
    let difference = size.abs_diff(unpacked % (1 << 32));
    unpacked > 0 && difference <= (unpacked / 2 + 1024).min(MOST_DIFFERENCE)
}

/// Whether these bytes after a member are a member's magic with one flipped bit.
const fn is_nearly_magic(bytes: [u8; 3]) -> bool {
    let differing = (bytes[0] ^ 0x1f).count_ones() + (bytes[1] ^ 0x8b).count_ones() + (bytes[2] ^ 0x08).count_ones();
    differing == 1
}

fn altered() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the gzip has its end, and the data in it has none")
}

/// Remembers the last bytes that were read.
struct Tail<R> {
    inner: R,
    last: [u8; 4],
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let read = &buffer[..length];
        let kept = length.min(4);
        self.last.rotate_left(kept);
        self.last[4 - kept..].copy_from_slice(&read[length - kept..]);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::gzip;

    fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut unpacked = Vec::new();
        Members::new(packed).read_to_end(&mut unpacked).map(|_| unpacked)
    }

    /// Text that deflate compresses with dynamic codes.
    fn text() -> Vec<u8> {
        (0..400_u32).flat_map(|n| format!("comment {} says {}; ", n * 7919 % 1000, n * n % 97).into_bytes()).collect()
    }

    #[test]
    fn each_changed_bit_is_noticed_and_never_taken_for_a_cut() {
        let (first, second) = (gzip(text()), gzip(b"and more"));
        // In a member's header, the flags, the time and the system: they say nothing about the
        // content, or hide all of it.
        let is_head = |at: usize| (3..10).contains(&at);
        let changed = |member: &[u8], at: usize, bit: usize| {
            let mut changed = member.to_vec();
            changed[at] ^= 1 << bit;
            changed
        };
        // The last bits of the data's last byte may be unused.
        let check = |changed: &[u8], whole: &[u8], what: &str| match unpack(changed) {
            Ok(unpacked) => assert_eq!(unpacked, whole, "{what}"),
            Err(error) => assert_ne!(error.kind(), io::ErrorKind::UnexpectedEof, "{what}"),
        };
        let both_texts = [text(), b"and more".to_vec()].concat();
        for bit in 0..8 {
            for at in (0..first.len()).filter(|at| !is_head(*at)) {
                check(&changed(&first, at, bit), &text(), &format!("bit {bit} of {at}"));
            }
            for at in (0..second.len()).filter(|at| !is_head(*at)) {
                let both = [first.clone(), changed(&second, at, bit)].concat();
                check(&both, &both_texts, &format!("bit {bit} of {at} of the second member"));
            }
        }
    }

    #[test]
    fn a_cut_is_never_taken_for_a_changed_bit() {
        let packed = gzip(text());
        for end in 1..packed.len() {
            let error = unpack(&packed[..end]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "cut at {end}: {error}");
        }
    }
}
