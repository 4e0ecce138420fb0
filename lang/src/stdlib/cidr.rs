//! `std.cidr`: blocks of IPv4 (RFC 4632) and IPv6 (RFC 4291) addresses, written `10.0.0.0/16`. An address
//! within a block and the block's length (`10.0.3.7/16`, as an interface has it) stand for the block.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use syncline_model::{Number, Value};

use super::Entry;
use super::arguments::{count, excerpt, invalid, text, whole};
use crate::ops::{ErrorKind, OpError};

pub(super) const NATIVES: &[Entry] = &[
    Entry::deep("subnet", subnet),
    Entry::deep("subnets", subnets),
    Entry::deep("host", host),
    Entry::deep("block", |args| Ok(block(args, 0)?.written().into())),
    Entry::deep("network", |args| Ok(block(args, 0)?.address(0).into())),
    Entry::deep("netmask", |args| {
        let block = block(args, 0)?;
        let mask = Block { first: block.mask(), ..block };
        Ok(mask.address(0).into())
    }),
    Entry::deep("prefix_length", |args| Ok(i64::from(block(args, 0)?.length).into())),
    Entry::deep("size", |args| {
        let block = block(args, 0)?;
        let mut size = Number::Int(1);
        for _ in block.length..block.bits {
            size = size.add(&size)?;
        }
        Ok(size.into())
    }),
    Entry::deep("contains", |args| {
        let outer = block(args, 0)?;
        let inner = text(args, 1)?;
        let inner = if inner.contains('/') { block(args, 1)? } else { single(inner, 1)? };
        Ok(outer.contains(inner).into())
    }),
    Entry::deep("is_valid", |args| {
        let _is_text = text(args, 0)?;
        Ok(block(args, 0).is_ok().into())
    }),
    Entry::deep("overlaps", |args| {
        let (left, right) = (block(args, 0)?, block(args, 1)?);
        Ok((left.contains(right) || right.contains(left)).into())
    }),
];

/// A block of addresses.
#[derive(Clone, Copy)]
struct Block {
    /// The first address, as a number.
    first: u128,
    /// How many leading bits all its addresses share.
    length: u32,
    /// How many bits an address has: 32 or 128.
    bits: u32,
}

impl Block {
    /// Returns ones in the place of the shared bits.
    fn mask(self) -> u128 {
        let all = if self.bits == 32 { u128::from(u32::MAX) } else { u128::MAX };
        all & !self.host_mask()
    }

    /// Returns ones in the place of the bits that differ.
    fn host_mask(self) -> u128 {
        match self.bits - self.length {
            0 => 0,
            free => u128::MAX >> (128 - free),
        }
    }

    fn contains(self, other: Self) -> bool {
        self.bits == other.bits
            && self.length <= other.length
            && other.first & self.mask() == self.first
    }

    fn address(self, offset: u128) -> String {
        let address = self.first + offset;
        match u32::try_from(address) {
            Ok(address) if self.bits == 32 => Ipv4Addr::from(address).to_string(),
            _ => Ipv6Addr::from(address).to_string(),
        }
    }

    fn written(self) -> String {
        format!("{}/{}", self.address(0), self.length)
    }

    /// Returns a part of the block whose length is `more` bits longer.
    fn part(self, more: u32, number: u128) -> Self {
        let length = self.length + more;
        // Without free bits below there is no shift; a shift by all 128 bits is none either.
        let offset = number.checked_shl(self.bits - length).unwrap_or(0);
        Self { first: self.first | offset, length, ..self }
    }
}

fn single(written: &str, at: usize) -> Result<Block, OpError> {
    match written.parse() {
        Ok(IpAddr::V4(address)) => {
            Ok(Block { first: u128::from(u32::from(address)), length: 32, bits: 32 })
        }
        Ok(IpAddr::V6(address)) => Ok(Block { first: u128::from(address), length: 128, bits: 128 }),
        Err(_) => Err(invalid(at, "the text is not an IP address")
            .detail(format!("{} is not an IP address", excerpt(written)))),
    }
}

/// Reads a block; what an address has set beyond the block's length is taken away.
fn block(args: &[Value], at: usize) -> Result<Block, OpError> {
    let written = text(args, at)?;
    let malformed = |problem: &str| {
        invalid(at, "the text is not a block of addresses")
            .detail(format!("{} is not a block of addresses: {problem}", excerpt(written)))
            .help("A block is an address and a length: `10.0.0.0/16`, `2001:db8::/32`.")
    };
    let (address, length) = written.split_once('/').ok_or_else(|| malformed("it has no `/`"))?;
    let address =
        single(address, at).map_err(|_| malformed("there is no IP address before `/`"))?;
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let length = match length.parse::<u32>() {
        Ok(length) if digits && length <= address.bits => length,
        _ => return Err(malformed(&format!("its length is not in 0 to {}", address.bits))),
    };
    let block = Block { length, ..address };
    Ok(Block { first: block.first & block.mask(), ..block })
}

/// Returns how many bits longer a part is.
fn more_bits(block: Block, args: &[Value], at: usize) -> Result<u32, OpError> {
    let more = count(args, at)?;
    let free = block.bits - block.length;
    match u32::try_from(more) {
        Ok(more) if more <= free => Ok(more),
        _ => Err(invalid(at, "the block has not as many free bits")
            .detail(format!("`{}` has {free} free bits, not {more}", block.written()))),
    }
}

fn subnet(args: &[Value]) -> Result<Value, OpError> {
    let block = block(args, 0)?;
    let more = more_bits(block, args, 1)?;
    let number = count(args, 2)? as u128;
    if more < 128 && number >> more != 0 {
        return Err(invalid(2, "there is no such part").detail(format!(
            "there is no part {number}: {more} more bits make {} parts, from 0",
            1u128 << more
        )));
    }
    Ok(block.part(more, number).written().into())
}

/// Allocates parts one behind another, each at the next place where its length fits.
fn subnets(args: &[Value]) -> Result<Value, OpError> {
    let block = block(args, 0)?;
    let mut next = Some(block.first);
    let mut parts = Vec::with_capacity(args.len().saturating_sub(1));
    for at in 1..args.len() {
        let length = block.length + more_bits(block, args, at)?;
        let empty = Block { length, ..block };
        let free = empty.host_mask();
        let first = next.and_then(|next| Some(next.checked_add(free)? & !free));
        let part = first.map(|first| Block { first, ..empty }).filter(|part| block.contains(*part));
        let Some(part) = part else {
            return Err(OpError::new(ErrorKind::Invalid, "the block is full")
                .detail(format!("`{}` is full before part {}", block.written(), at - 1))
                .at(at)
                .help("Take a larger block or smaller parts, the largest ones first."));
        };
        next = part.first.checked_add(free).and_then(|last| last.checked_add(1));
        parts.push(Value::from(part.written()));
    }
    Ok(Value::list(parts))
}

fn host(args: &[Value]) -> Result<Value, OpError> {
    let block = block(args, 0)?;
    let number = whole(args, 1)?;
    let last = block.host_mask();
    let distance = u128::from(number.unsigned_abs());
    // The last address is -1, so that a negative number is one step less from the end.
    let offset =
        if number >= 0 { Some(distance) } else { last.checked_sub(distance.saturating_sub(1)) };
    match offset.filter(|offset| *offset <= last) {
        Some(offset) => Ok(block.address(offset).into()),
        None => Err(invalid(1, "there is no such address in the block")
            .detail(format!("`{}` has no address {number}", block.written()))),
    }
}
