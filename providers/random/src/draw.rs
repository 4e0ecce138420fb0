//! Drawing from the operating system's source of randomness.
//!
//! Law: every outcome of a draw is equally likely. A number below a bound is drawn by rejection:
//! what lies beyond the largest multiple of the bound is drawn again.

use syncline_model::Problem;

/// Returns random bytes.
pub(crate) fn bytes(count: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = vec![0; count];
    fill(&mut bytes)?;
    Ok(bytes)
}

fn fill(bytes: &mut [u8]) -> Result<(), Problem> {
    getrandom::fill(bytes).map_err(|error| {
        let detail = format!("The operating system says: {error}. Apply again.");
        Problem::error("the operating system gives no random bytes", detail)
    })
}

/// Returns a number from 0 up to and without `bound`; a bound of 0 stands for 2^64.
pub(crate) fn below(bound: u64) -> Result<u64, Problem> {
    // The first of the highest numbers that would make the low remainders likelier than others.
    let excess = if bound == 0 { 0 } else { (u64::MAX % bound + 1) % bound };
    loop {
        let mut word = [0; 8];
        fill(&mut word)?;
        let number = u64::from_le_bytes(word);
        if number <= u64::MAX - excess {
            return Ok(if bound == 0 { number } else { number % bound });
        }
    }
}

/// Returns one of some items; `None` where there are none.
pub(crate) fn one_of<T>(items: &[T]) -> Result<Option<&T>, Problem> {
    if items.is_empty() {
        return Ok(None);
    }
    let at = below(items.len() as u64)?;
    Ok(items.get(at as usize))
}

/// Puts items into a random order.
pub(crate) fn shuffle<T>(items: &mut [T]) -> Result<(), Problem> {
    for at in (1..items.len()).rev() {
        let other = below(at as u64 + 1)?;
        items.swap(at, other as usize);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_below_its_bound() {
        for bound in [1, 2, 3, 7, 10, 255, 256, u64::MAX] {
            for _ in 0..200 {
                assert!(below(bound).unwrap() < bound);
            }
        }
        assert!((0..64).any(|_| below(0).unwrap() > u64::MAX / 2));
    }

    #[test]
    fn every_outcome_comes_about_as_often_as_another() {
        let mut counts = [0_u32; 3];
        for _ in 0..3000 {
            counts[below(3).unwrap() as usize] += 1;
        }
        // Six standard deviations from 1000: this fails once in a billion runs.
        assert!(counts.iter().all(|count| (845..=1155).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut items: Vec<u32> = (0..50).collect();
        shuffle(&mut items).unwrap();
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
