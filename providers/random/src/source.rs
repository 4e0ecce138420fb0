//! Random bytes, and numbers without bias made of them.
//!
//! Law: every number below a bound is equally likely, since draws that would favour some are
//! thrown away.

use syncline_model::Problem;

/// Fills a buffer from the operating system's generator.
pub(crate) fn fill(buffer: &mut [u8]) -> Result<(), Problem> {
    getrandom::fill(buffer).map_err(|error| {
        Problem::error(
            format!("the operating system gave no random bytes: {error}"),
            "Try again; early in a machine's start its generator may not be ready.",
        )
    })
}

/// Returns a number from 0 up to and without `bound`, which is at least 1.
pub(crate) fn below(bound: u64) -> Result<u64, Problem> {
    let bits = 64 - (bound - 1).leading_zeros();
    let mask = if bits == 0 { 0 } else { u64::MAX >> (64 - bits) };
    loop {
        let mut bytes = [0; 8];
        fill(&mut bytes)?;
        // At least every second draw is below the bound.
        let draw = u64::from_le_bytes(bytes) & mask;
        if draw < bound {
            return Ok(draw);
        }
    }
}

/// Returns an index of a list with that many items, which is at least one.
pub(crate) fn index(length: usize) -> Result<usize, Problem> {
    below(length as u64).map(|index| index as usize)
}

/// Puts items into any order, each equally likely.
pub(crate) fn shuffle<T>(items: &mut [T]) -> Result<(), Problem> {
    for last in (1..items.len()).rev() {
        items.swap(last, index(last + 1)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_below_the_bound_is_drawn_and_none_above() {
        let mut drawn = [0_u32; 5];
        for _ in 0..5_000 {
            drawn[below(5).unwrap() as usize] += 1;
        }
        // A thousand of each is expected, with a deviation of 28: 300 is beyond ten of these.
        assert!(drawn.iter().all(|count| count.abs_diff(1_000) < 300), "{drawn:?}");
        assert_eq!(below(1).unwrap(), 0);
    }

    #[test]
    fn shuffling_keeps_every_item() {
        let mut items: Vec<u32> = (0..100).collect();
        shuffle(&mut items).unwrap();
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
