//! What is left of a series before it is compared.

use super::{MissingValues, Outliers};

/// The values in ascending order, missing ones left out or 0, outliers taken off.
pub(super) fn cleaned(series: &[f64], missing: MissingValues, outliers: Outliers) -> Vec<f64> {
    let mut values: Vec<f64> = match missing {
        MissingValues::Remove => series.iter().copied().filter(|value| value.is_finite()).collect(),
        MissingValues::Replace => series.iter().map(|v| if v.is_finite() { *v } else { 0.0 }).collect(),
    };
    // Two zeros are one value.
    values.iter_mut().for_each(|value| *value += 0.0);
    values.sort_by(f64::total_cmp);
    if let Some((low, high)) = outliers.removes_beyond().and_then(|factor| fences(&values, factor)) {
        values.retain(|value| (low..=high).contains(value));
    }
    values
}

fn fences(sorted: &[f64], factor: f64) -> Option<(f64, f64)> {
    let at = |percent| percentile(sorted, percent);
    let (q1, q3) = (at(25.0)?, at(75.0)?);
    let range = (q3 - q1) * factor;
    Some((at(1.0)?.min(q1 - range), at(99.0)?.max(q3 + range)))
}

/// By a straight line between the neighbours: type 7 of Hyndman and Fan. `None` of nothing.
fn percentile(sorted: &[f64], percent: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(clippy::cast_precision_loss, reason = "a position")]
    let position = last as f64 * percent / 100.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 up to the length")]
    let below = position.floor() as usize;
    let (low, high) = (*sorted.get(below)?, *sorted.get((below + 1).min(last))?);
    Some(low + (high - low) * position.fract())
}

/// With what the first sum rounded off added again, so that a ratio on the border of what is allowed is on it.
pub(super) fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a length")]
    let count = values.len() as f64;
    let rough = values.iter().sum::<f64>() / count;
    rough + values.iter().map(|value| value - rough).sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three_ranges() -> Outliers {
        Outliers::removed_beyond(3.0).unwrap()
    }

    #[test]
    fn percentiles_are_of_type_seven() {
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        for (percent, expected) in
            [(0.0, 1.0), (25.0, 2.0), (37.5, 3.0), (75.0, 8.0), (99.0, 15.68), (100.0, 16.0)]
        {
            let actual = percentile(&values, percent).unwrap();
            assert!((actual - expected).abs() < 1e-12, "{percent}: {actual}");
        }
        assert_eq!(percentile(&[], 50.0), None);
    }

    #[test]
    fn at_most_the_outer_hundredth_goes() {
        let mut series: Vec<f64> = (0..200).map(f64::from).collect();
        series.push(1e9);
        let kept = cleaned(&series, MissingValues::Remove, three_ranges());
        assert_eq!(kept.len(), 200);
        let kept = cleaned(&[1.0, 1.0, 1.0, 1.0, 99.0], MissingValues::Remove, three_ranges());
        assert_eq!(kept.len(), 4);
    }

    #[test]
    fn a_mean_loses_nothing_to_rounding() {
        assert_eq!(mean(&[0.1; 10]), 0.1);
        assert_eq!(mean(&[3.0]), 3.0);
    }

    #[test]
    fn missing_values_are_left_out_or_zero() {
        let series = [2.0, f64::NAN, 1.0, f64::INFINITY];
        assert_eq!(cleaned(&series, MissingValues::Remove, Outliers::default()), [1.0, 2.0]);
        assert_eq!(cleaned(&series, MissingValues::Replace, Outliers::default()), [0.0, 0.0, 1.0, 2.0]);
    }
}
