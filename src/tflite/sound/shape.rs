//! Which shape follows from others.

use super::super::file::TfLiteFault;
use super::super::graph::Operator;
use super::fact::{Fact, elements};
use super::kind::Rule;
use super::wrong;

/// Whether the shape of `output` is that which follows from `data` and what the other `inputs` say, as far as that is known.
pub fn sound(
    operator: &Operator,
    rule: Rule,
    data: &[&Fact],
    inputs: &[Option<&Fact>],
    output: &Fact,
) -> Result<(), TfLiteFault> {
    let dims: Option<Vec<&[i64]>> = data.iter().map(|fact| fact.dims.as_deref()).collect();
    let (Some(dims), Some(made)) = (dims, output.dims.as_deref()) else { return Ok(()) };
    let says = |at: usize| inputs.get(at).copied().flatten().and_then(Fact::integers);
    let follows = match rule {
        Rule::Elements => broadcast(&dims),
        Rule::Conversion => Some(dims[0].to_vec()),
        Rule::Connected => return connected(&dims, made),
        Rule::Reduction => return reduction(dims[0], says(1), made),
        Rule::Concatenation => concatenation(&dims, operator.options.map_or(Ok(0), |options| options.i32(0))?),
        Rule::Reshape => return reshape(operator, dims[0], inputs, made),
        Rule::Slice => match (says(1), says(2)) {
            (Some(begin), Some(size)) => slice(dims[0], &begin, &size),
            _ => return Ok(()),
        },
        Rule::StridedSlice => return strided(dims[0], [says(1), says(2), says(3)], made),
        Rule::Transpose => match says(1) {
            Some(order) => transposed(dims[0], &order),
            None => return Ok(()),
        },
        Rule::Pad => match says(1) {
            Some(sides) => padded(dims[0], &sides),
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    match follows {
        Some(follows) if follows == made => Ok(()),
        Some(follows) => wrong(format!("makes {follows:?} of {dims:?}, not {made:?}")),
        None => wrong(format!("cannot take {dims:?}")),
    }
}

/// The shape that operands of these have together.
fn broadcast(dims: &[&[i64]]) -> Option<Vec<i64>> {
    let rank = dims.iter().map(|dims| dims.len()).max()?;
    let dim = |place: usize| {
        // Places are counted from the last one.
        let of_each = dims.iter().filter_map(|dims| dims.len().checked_sub(place + 1).map(|at| dims[at]));
        let others: Vec<i64> = of_each.filter(|&dim| dim != 1).collect();
        let first = others.first().copied().unwrap_or(1);
        others.iter().all(|&dim| dim == first).then_some(first)
    };
    (0..rank).rev().map(dim).collect()
}

/// A place along an axis of so many, of which those behind are counted from the end.
fn axis(axis: i64, rank: usize) -> Option<usize> {
    let place = if axis < 0 { axis.checked_add(rank as i64)? } else { axis };
    usize::try_from(place).ok().filter(|&place| place < rank)
}

fn concatenation(dims: &[&[i64]], along: i32) -> Option<Vec<i64>> {
    let mut whole = dims[0].to_vec();
    let along = axis(along.into(), whole.len())?;
    for other in &dims[1..] {
        let rest_alike = other.len() == whole.len() && (0..whole.len()).all(|at| at == along || other[at] == whole[at]);
        if !rest_alike {
            return None;
        }
        whole[along] += other[along];
    }
    Some(whole)
}

fn slice(dims: &[i64], begin: &[i64], size: &[i64]) -> Option<Vec<i64>> {
    if [begin.len(), size.len()] != [dims.len(); 2] {
        return None;
    }
    let part = |at: usize| {
        let (dim, begin) = (dims[at], begin[at]);
        let length = if size[at] == -1 { dim.checked_sub(begin)? } else { size[at] };
        let fits = begin >= 0 && length >= 0 && begin.checked_add(length)? <= dim;
        fits.then_some(length)
    };
    (0..dims.len()).map(part).collect()
}

fn transposed(dims: &[i64], order: &[i64]) -> Option<Vec<i64>> {
    let places: Vec<usize> = order.iter().map(|&at| axis(at, dims.len())).collect::<Option<_>>()?;
    let mut each = places.clone();
    each.sort_unstable();
    (each.iter().copied().eq(0..dims.len())).then(|| places.iter().map(|&at| dims[at]).collect())
}

fn padded(dims: &[i64], sides: &[i64]) -> Option<Vec<i64>> {
    let (pairs, rest) = sides.as_chunks::<2>();
    let fits = rest.is_empty() && pairs.len() == dims.len() && sides.iter().all(|&side| side >= 0);
    let padded = dims.iter().zip(pairs).map(|(dim, [before, after])| dim.checked_add(*before)?.checked_add(*after));
    padded.collect::<Option<_>>().filter(|_| fits)
}

/// `(..., depth)` by a filter `(units, depth)` is as many units for as many rows.
fn connected(dims: &[&[i64]], made: &[i64]) -> Result<(), TfLiteFault> {
    let fits = match dims {
        [input, [units, depth], rest @ ..] if *depth > 0 => {
            let (taken, given) = (elements(input), elements(made));
            let rows = taken.filter(|taken| taken % depth == 0).map(|taken| taken / depth);
            let bias = rest.first().is_none_or(|bias| elements(bias) == Some(*units));
            bias && rows.is_some_and(|rows| rows.checked_mul(*units) == given) && made.last() == Some(units)
        }
        _ => false,
    };
    if fits { Ok(()) } else { wrong(format!("cannot make {made:?} of {dims:?}")) }
}

/// What is left of `dims` along the axes that are not reduced, with or without those.
fn reduction(dims: &[i64], axes: Option<Vec<i64>>, made: &[i64]) -> Result<(), TfLiteFault> {
    let Some(axes) = axes else { return Ok(()) };
    let places: Option<Vec<usize>> = axes.iter().map(|&at| axis(at, dims.len())).collect();
    let fits = places.is_some_and(|places| {
        let kept = dims.iter().enumerate().map(|(at, dim)| if places.contains(&at) { 1 } else { *dim });
        let left = dims.iter().enumerate().filter(|(at, _)| !places.contains(at)).map(|(_, dim)| *dim);
        kept.eq(made.iter().copied()) || left.eq(made.iter().copied())
    });
    if fits { Ok(()) } else { wrong(format!("cannot make {made:?} of {dims:?} along {axes:?}")) }
}

fn reshape(operator: &Operator, dims: &[i64], inputs: &[Option<&Fact>], made: &[i64]) -> Result<(), TfLiteFault> {
    const RESHAPE: i32 = 22;
    let is_told = operator.kind != RESHAPE || operator.options_kind != 0 || inputs.get(1).copied().flatten().is_some();
    if !is_told {
        return wrong("has no shape".into());
    }
    let wanted = inputs.get(1).copied().flatten().and_then(Fact::integers);
    let as_wanted = |wanted: Vec<i64>| {
        wanted.len() == made.len()
            && wanted.iter().zip(made).all(|(wanted, made)| wanted == made || *wanted == -1)
            && wanted.iter().filter(|&&dim| dim == -1).count() <= 1
    };
    let fits = elements(dims) == elements(made) && wanted.is_none_or(as_wanted);
    if fits { Ok(()) } else { wrong(format!("cannot make {made:?} of {dims:?}")) }
}

/// Parts from begin to end by steps; masks say which of those count, so that the number alone is certain.
fn strided(dims: &[i64], says: [Option<Vec<i64>>; 3], made: &[i64]) -> Result<(), TfLiteFault> {
    let [Some(begin), Some(end), Some(steps)] = says else { return Ok(()) };
    let alike = begin.len() == end.len() && end.len() == steps.len() && !steps.contains(&0);
    // A part is no greater than the whole.
    if alike && elements(made) <= elements(dims) {
        return Ok(());
    }
    wrong(format!("cannot make {made:?} of {dims:?} from {begin:?} to {end:?} by {steps:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_follow_from_shapes() {
        assert_eq!(broadcast(&[&[1, 4, 3], &[4, 1]]), Some(vec![1, 4, 3]));
        assert_eq!(broadcast(&[&[2], &[3]]), None);
        assert_eq!(broadcast(&[&[0], &[1]]), Some(vec![0]));
        assert_eq!(concatenation(&[&[1, 2, 3], &[1, 4, 3]], -2), Some(vec![1, 6, 3]));
        assert_eq!(concatenation(&[&[1, 2], &[2, 2]], 1), None);
        assert_eq!(concatenation(&[&[1, 2]], 2), None);
        assert_eq!(slice(&[5, 4], &[1, 0], &[-1, 2]), Some(vec![4, 2]));
        assert_eq!(slice(&[5, 4], &[4, 0], &[2, 2]), None);
        assert_eq!(transposed(&[1, 2, 3], &[2, 0, -2]), Some(vec![3, 1, 2]));
        assert_eq!(transposed(&[1, 2], &[0, 0]), None);
        assert_eq!(padded(&[3, 2], &[1, 0, 0, 2]), Some(vec![4, 4]));
        assert_eq!(padded(&[3], &[-1, 0]), None);
    }

    #[test]
    fn reductions_keep_their_axes_or_not() {
        let fits = |made: &[i64]| reduction(&[1, 4, 4, 8], Some(vec![1, -2]), made).is_ok();
        assert!(fits(&[1, 8]) && fits(&[1, 1, 1, 8]));
        assert!(!fits(&[8]) && !fits(&[1, 4, 8]));
        assert!(reduction(&[4], Some(vec![1]), &[4]).is_err());
    }
}
