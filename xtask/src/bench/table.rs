//! The table of a benchmark: a row a measurement, a column a size.

use std::collections::BTreeMap;

use super::Measurement;

/// Rows in the order of their first measurement.
pub(crate) struct Table {
    sizes: Vec<usize>,
    rows: Vec<(String, BTreeMap<usize, Measurement>)>,
}

impl Table {
    /// Returns an empty table.
    pub(crate) const fn new(sizes: Vec<usize>) -> Self {
        Self { sizes, rows: Vec::new() }
    }

    /// Adds a measurement.
    pub(crate) fn add(&mut self, name: &str, size: usize, measurement: Measurement) {
        let at = self.rows.iter().position(|(own, _)| own == name).unwrap_or_else(|| {
            self.rows.push((name.to_owned(), BTreeMap::new()));
            self.rows.len() - 1
        });
        self.rows[at].1.insert(size, measurement);
    }
}

/// Returns the exponent between the smallest size from 1,000 on and the largest: 1 is linear.
fn exponent(cells: &BTreeMap<usize, Measurement>) -> Option<f64> {
    let (small, first) = cells.range(1_000..).next()?;
    let (large, last) = cells.iter().next_back()?;
    if small == large {
        return None;
    }
    let sizes = *large as f64 / *small as f64;
    Some((last.seconds / first.seconds).ln() / sizes.ln())
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "| wall time and peak memory |")?;
        for size in &self.sizes {
            write!(f, " {} |", grouped(*size))?;
        }
        writeln!(f, " exponent |")?;
        writeln!(f, "| --- |{} ---: |", " ---: |".repeat(self.sizes.len()))?;
        for (name, cells) in &self.rows {
            write!(f, "| {name} |")?;
            for size in &self.sizes {
                match cells.get(size) {
                    Some(cell) => write!(f, " {} |", Shown(*cell))?,
                    None => write!(f, " |")?,
                }
            }
            match exponent(cells) {
                Some(exponent) => writeln!(f, " {exponent:.2} |")?,
                None => writeln!(f, " |")?,
            }
        }
        self.ratios(f)
    }
}

impl Table {
    /// Writes how many times longer `tofu` takes for the same, where both were measured.
    fn ratios(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ours = [
            ("tofu first plan", "flat first plan"),
            ("tofu apply", "flat apply (random.id)"),
            ("tofu no-op plan, refresh none", "flat no-op plan, refresh none"),
        ];
        for (theirs, own) in ours {
            let find = |name: &str| self.rows.iter().find(|(row, _)| row == name).map(|row| &row.1);
            let (Some(theirs_cells), Some(own_cells)) = (find(theirs), find(own)) else { continue };
            for (size, cell) in theirs_cells {
                if let Some(own_cell) = own_cells.get(size) {
                    let ratio = cell.seconds / own_cell.seconds;
                    writeln!(f, "{theirs}, {}: {ratio:.1} times as long as {own}", grouped(*size))?;
                }
            }
        }
        Ok(())
    }
}

/// A measurement as `0.123 s, 45 MB`.
pub(crate) struct Shown(pub(crate) Measurement);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Measurement { seconds, bytes, .. } = self.0;
        let megabytes = bytes as f64 / 1_000_000.0;
        if seconds < 0.1 {
            write!(f, "{:.1} ms, {megabytes:.0} MB", seconds * 1_000.0)
        } else {
            write!(f, "{seconds:.2} s, {megabytes:.0} MB")
        }
    }
}

/// Returns a number with commas: `10,000`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_work_for_twice_the_size_is_linear() {
        let cell = |seconds| Measurement { seconds, bytes: 1, own: 0 };
        let cells = BTreeMap::from([(10, cell(1.0)), (1_000, cell(0.5)), (100_000, cell(50.0))]);
        assert!((exponent(&cells).unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
