//! The exact Hessian, entry by entry and as a whole.

use std::ops::Range;

use nalgebra::Const;
use nasproof::{
    linalg::TestRatio,
    problem::{
        Supernet,
        dense_cell::{Operation, Settings},
    },
};
use ndarray::{Array1, Array2, s};
use num_dual::HyperDualSVec64;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::{
    oracle::Tie,
    point::{Point, as_row, points, worst_ratio},
};

#[test]
fn every_entry_of_the_hessian_at_batch_4() {
    let point = Point::new(Settings::masked(), 4, 11);
    let d = point.cell.weight_count();
    assert!(d >= 300);
    let hessian = point.cell.hessian(&point.weights, &point.gates, &point.batch);

    const BLOCK: usize = 36;
    let blocks: Vec<Range<usize>> = (0..d).step_by(BLOCK).map(|start| start..(start + BLOCK).min(d)).collect();
    let pairs: Vec<_> = (0..blocks.len()).flat_map(|i| (i..blocks.len()).map(move |j| (i, j))).collect();
    let computed: Vec<_> =
        pairs.into_par_iter().map(|(i, j)| (i, j, point.oracle_block(blocks[i].clone(), blocks[j].clone()))).collect();
    let mut exact = Array2::zeros((d, d));
    for (i, j, block) in computed {
        exact.slice_mut(s![blocks[i].clone(), blocks[j].clone()]).assign(&block);
        exact.slice_mut(s![blocks[j].clone(), blocks[i].clone()]).assign(&block.t());
    }
    let ratio = worst_ratio(&hessian, &exact, 4);
    println!("d = {d}, worst row {ratio}");
    assert!(exact.iter().filter(|x| **x != 0.0).count() > d * d / 2);
    assert!(ratio.passes(), "test ratio {ratio}");
}

/// Entries that one evaluation of the oracle gives: `ROWS` by `COLUMNS` of them.
const ROWS: usize = 10;
const COLUMNS: usize = 5;

/// Random rows and columns, `blocks` times `ROWS` by `COLUMNS`.
fn drawn(blocks: usize, d: usize, seed: u64) -> Vec<([usize; ROWS], [usize; COLUMNS])> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut some = || {
        let indices = rand::seq::index::sample(&mut rng, d, ROWS + COLUMNS).into_vec();
        (std::array::from_fn(|k| indices[k]), std::array::from_fn(|k| indices[ROWS + k]))
    };
    (0..blocks).map(|_| some()).collect()
}

/// The worst ratio of `column(j)`, to be column $j$ of the Hessian, against the oracle's $\partial^2L/\partial\theta_i\partial\theta_j$ on `blocks`.
fn sampled(
    point: &Point,
    blocks: &[([usize; ROWS], [usize; COLUMNS])],
    column: impl Fn(usize) -> Array1<f64>,
) -> TestRatio {
    type Oracle = HyperDualSVec64<ROWS, COLUMNS>;
    let gates = point.flat_gates().into_iter().map(Oracle::from_re).collect::<Vec<_>>();
    let exact: Vec<(usize, usize, f64)> = blocks
        .par_iter()
        .flat_map(|(rows, columns)| {
            let mut weights: Vec<_> = point.weights.iter().map(|&w| Oracle::from_re(w)).collect();
            for (k, &i) in rows.iter().enumerate() {
                weights[i] = weights[i].derivative1(k);
            }
            for (k, &j) in columns.iter().enumerate() {
                weights[j] = weights[j].derivative2(k);
            }
            let loss = point.oracle(Tie::First).loss(&weights, &gates);
            let second = loss.eps1eps2.unwrap_generic(Const::<ROWS>, Const::<COLUMNS>);
            let pairs = (0..ROWS).flat_map(|i| (0..COLUMNS).map(move |j| (i, j)));
            pairs.map(|(i, j)| (rows[i], columns[j], second[(i, j)])).collect::<Vec<_>>()
        })
        .collect();
    assert!(exact.iter().filter(|(_, _, x)| *x != 0.0).count() > exact.len() / 2);
    let n = (64 * point.batch.len()) as f64;
    let ratio = |&(i, j, exact): &(usize, usize, f64)| {
        let column = column(j);
        let size = column.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        TestRatio::quotient((column[i] - exact).abs(), n * f64::EPSILON * size)
    };
    exact.iter().map(ratio).fold(TestRatio(0.0), TestRatio::max)
}

#[test]
fn two_hundred_entries_of_the_whole_hessian_at_batch_128() {
    let point = Point::new(Settings::masked(), 128, 12);
    let d = point.cell.weight_count();
    let hessian = point.cell.hessian(&point.weights, &point.gates, &point.batch);
    let worst = sampled(&point, &drawn(4, d, 13), |j| hessian.column(j).to_owned());
    println!("200 of {} entries, worst {worst}", d * d);
    assert!(worst.passes(), "test ratio {worst}");
}

/// Every operation on every edge; the columns come from products, which the whole matrix is compared with elsewhere.
#[test]
fn two_hundred_entries_of_the_minimal_cells_hessian_at_batch_128() {
    let point = Point::new(Settings::minimal(), 128, 15);
    let d = point.cell.weight_count();
    assert_eq!(d, 2668);
    let blocks = drawn(4, d, 16);
    let columns: Vec<usize> = blocks.iter().flat_map(|(_, columns)| *columns).collect();
    let products: Vec<Array1<f64>> = columns
        .par_iter()
        .map(|&j| {
            let unit = Array1::from_shape_fn(d, |i| f64::from(u8::from(i == j)));
            point.cell.hessian_product(&point.weights, &point.gates, &point.batch, &unit)
        })
        .collect();
    let place = |j| columns.iter().position(|&c| c == j).unwrap();
    let worst = sampled(&point, &blocks, |j| products[place(j)].clone());
    println!("200 of {} entries, worst {worst}", d * d);
    assert!(worst.passes(), "test ratio {worst}");
}

#[test]
fn rows_of_the_minimal_cells_hessian_at_batch_4() {
    let point = Point::new(Settings::minimal(), 4, 17);
    let d = point.cell.weight_count();
    let hessian = point.cell.hessian(&point.weights, &point.gates, &point.batch);
    const BLOCK: usize = 92;
    // The stem, two rows among the operations, the classifier.
    let rows = [3, d / 3, 2 * d / 3, d - 5];
    let pairs: Vec<(usize, usize)> = rows.iter().flat_map(|&i| (0..d).step_by(BLOCK).map(move |j| (i, j))).collect();
    let blocks: Vec<Array2<f64>> =
        pairs.par_iter().map(|&(i, j)| point.oracle_block(i..i + 1, j..(j + BLOCK).min(d))).collect();
    let mut exact = Array2::zeros((rows.len(), d));
    for (&(i, j), block) in pairs.iter().zip(&blocks) {
        let row = rows.iter().position(|&r| r == i).unwrap();
        exact.slice_mut(s![row..=row, j..j + block.ncols()]).assign(block);
    }
    assert!(exact.iter().filter(|x| **x != 0.0).count() > exact.len() / 2);
    let ratio = worst_ratio(&hessian.select(ndarray::Axis(0), &rows), &exact, 4);
    println!("four rows of {d}, worst {ratio}");
    assert!(ratio.passes(), "test ratio {ratio}");
}

#[test]
fn the_whole_hessian_is_what_its_products_say() {
    for (name, point) in points() {
        if point.weights.len() > 4000 {
            continue;
        }
        let hessian = point.cell.hessian(&point.weights, &point.gates, &point.batch);
        assert_eq!(hessian, hessian.t(), "{name}");
        for seed in 0..3 {
            let (v, w) = (point.random_weights(seed), point.random_weights(seed + 100));
            let product = |v: &Array1<f64>| point.cell.hessian_product(&point.weights, &point.gates, &point.batch, v);
            let (hv, hw) = (product(&v), product(&w));
            let ratio = worst_ratio(&as_row(&hessian.dot(&v)), &as_row(&hv), point.batch.len());
            assert!(ratio.passes(), "{name}: test ratio {ratio}");
            // The products are symmetric by themselves.
            let terms = (&hv * &w).mapv(f64::abs).sum() + (&hw * &v).mapv(f64::abs).sum();
            let ratio = TestRatio::identity(hv.dot(&w), hw.dot(&v), terms, 64 * point.batch.len());
            assert!(ratio.passes(), "{name}: ⟨Hv, w⟩ and ⟨v, Hw⟩, test ratio {ratio}");
        }
    }
}

/// Whatever the mask leaves unreachable is skipped, not mistaken.
#[test]
fn masks_with_dead_ends() {
    let only = |rows: [&[Operation]; 5]| {
        rows.into_iter().enumerate().fold(Settings::masked(), |s, (edge, row)| s.with_operations(0, edge, row))
    };
    use Operation::{DilConv3x3, None, SepConv3x3, SkipConnect};
    let cases = [
        only([&[SepConv3x3], &[DilConv3x3], &[], &[], &[]]),
        only([&[], &[], &[SepConv3x3], &[SkipConnect], &[DilConv3x3]]),
        only([&[None], &[None], &[SepConv3x3], &[None], &[SkipConnect, DilConv3x3]]),
        only([&[SepConv3x3], &[None], &[None], &[None], &[DilConv3x3]]),
    ];
    for (k, settings) in cases.into_iter().enumerate() {
        let point = Point::new(settings, 5, 70 + k as u64);
        let hessian = point.cell.hessian(&point.weights, &point.gates, &point.batch);
        let no_gates = Array2::zeros(point.gates.dim());
        for seed in 0..4 {
            let (v, w) = (point.random_weights(seed), point.random_weights(seed + 50));
            let hv = hessian.dot(&v);
            let exact = point.oracle_form((&v, &no_gates), (&w, &no_gates));
            let terms = (&hv * &w).mapv(f64::abs).sum();
            let ratio = TestRatio::identity(hv.dot(&w), exact, terms, 64 * 5);
            assert!(ratio.passes(), "case {k}: test ratio {ratio}");
        }
        assert!(point.cell.trace(&point.weights, &point.gates, &point.batch).is_ok());
    }
}
