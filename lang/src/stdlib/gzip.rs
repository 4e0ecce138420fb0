//! The compressed form of `std.base64.gzip`: RFC 1952 around RFC 1951.
//!
//! Laws: the same bytes always give the same compressed ones, on every machine: nothing of a clock, a
//! file or a processor is in them. What is compressed is read back up to a limit.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_with_limit};

/// How hard to try, of 0 to 10.
const LEVEL: u8 = 6;
/// A member without a name, a time or a system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// Compresses bytes.
pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    out.extend(compress_to_vec(bytes, LEVEL));
    out.extend(checksum(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

/// Returns what one compressed member holds.
///
/// # Errors
/// What is wrong with it.
pub(super) fn expand(bytes: &[u8], limit: usize) -> Result<Vec<u8>, &'static str> {
    let (body, end) = body(bytes).ok_or("it is not compressed with gzip")?;
    let made = decompress_to_vec_with_limit(body, limit).map_err(|error| {
        let is_large = error.status == TINFLStatus::HasMoreOutput;
        if is_large { "it holds more than 16 MiB" } else { "it is damaged" }
    })?;
    let sum = [checksum(&made).to_le_bytes(), (made.len() as u32).to_le_bytes()].concat();
    if sum == end { Ok(made) } else { Err("it is damaged: its checksum differs") }
}

/// Cuts off a member's header and its last eight bytes.
fn body(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[0x1f, 0x8b, 8, flags, ..], rest) = bytes.split_first_chunk::<10>()? else { return None };
    let mut rest = rest;
    if flags & 4 != 0 {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // The name and the comment, each ended by a zero.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    rest.split_at_checked(rest.len().checked_sub(8)?)
}

/// CRC-32 as in RFC 1952, section 8.
fn checksum(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    let add = |sum: u32, byte: &u8| TABLE[((sum ^ u32::from(*byte)) & 0xff) as usize] ^ (sum >> 8);
    !bytes.iter().fold(u32::MAX, add)
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        let mut sum = at as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
            bit += 1;
        }
        table[at] = sum;
        at += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
        for text in ["", "a", &"hello ".repeat(1_000)] {
            let compressed = compress(text.as_bytes());
            assert_eq!(expand(&compressed, 1 << 20).as_deref(), Ok(text.as_bytes()));
            for cut in 0..compressed.len().min(40) {
                assert!(expand(&compressed[..cut], 1 << 20).is_err(), "{cut}");
            }
        }
        let large = compress(&vec![0; 1 << 20]);
        assert_eq!(expand(&large, 1 << 10), Err("it holds more than 16 MiB"));
        let mut damaged = compress(b"hello");
        damaged[12] ^= 1;
        assert!(expand(&damaged, 1 << 20).is_err());
    }
}
