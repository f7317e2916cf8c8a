//! Tensors obey the laws of `linalg::laws`, and agree with arrays.

use nasproof::{
    linalg::{Panel, TestRatio, Vector, laws},
    torch::{Place, Precision, TensorPanel, TensorVector},
};
use ndarray::{Array1, Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::device;

/// Lengths below, at and above a run of coordinates.
const LENGTHS: [usize; 5] = [1, 7, 1000, 65_536, 200_003];

fn places() -> [Place; 2] {
    [Precision::F64, Precision::F32].map(device::place)
}

fn panel(rows: usize, dim: usize, block: usize, place: &Place, rng: &mut ChaCha8Rng) -> TensorPanel {
    let mut panel = TensorPanel::zeros(rows, dim, block, place).unwrap();
    for i in 0..rows {
        let row = panel.zeros().gaussian_like(rng);
        panel.set_row(i, &row).unwrap();
    }
    panel
}

#[test]
fn vectors() {
    for place in places() {
        for length in LENGTHS {
            let mut rng = ChaCha8Rng::seed_from_u64(length as u64);
            let like = TensorVector::zeros(length, &place).unwrap();
            let worst = laws::vector(&like, &mut rng);
            assert!(worst.passes(), "{place} {:?} {length}: {worst:?}", place.precision());
        }
    }
}

#[test]
fn panels_in_one_block_and_in_many() {
    for place in places() {
        for (rows, dim, block, blocks) in
            [(3, 50, 1 << 30, 1), (5, 1000, 5 * 8 * 130, 0), (6, 70_001, 6 * 8 * 30_000, 0)]
        {
            let mut rng = ChaCha8Rng::seed_from_u64(dim as u64);
            let panel = panel(rows, dim, block, &place, &mut rng);
            assert!(if blocks == 0 { panel.block_count() > 1 } else { panel.block_count() == blocks });
            let worst = laws::panel(&panel, &mut rng);
            assert!(worst.passes(), "{:?} {rows} × {dim}: {worst:?}", place.precision());
        }
    }
}

#[test]
fn a_panel_agrees_with_an_array() {
    for place in places() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let (rows, dim) = (7, 9000);
        let panel = panel(rows, dim, rows * 4 * 2000, &place, &mut rng);
        let array: Array2<f64> =
            Array2::from_shape_vec((rows, dim), (0..rows).flat_map(|i| panel.row(i).to_vec()).collect()).unwrap();
        // Everything in f64 from the same stored numbers: only f64 rounding is between them.
        let unit = dim as f64 * f64::EPSILON;
        let size = array.squared_norm();
        let difference = (&panel.gram() - &array.gram()).mapv(f64::abs).sum();
        assert!(TestRatio::quotient(difference, unit * size).passes());
        assert!(TestRatio::quotient((panel.squared_norm() - size).abs(), unit * size).passes());
        let squares: Vec<f64> = array.column_squares();
        let difference: f64 = panel.column_squares().iter().zip(&squares).map(|(a, b)| (a - b).abs()).sum();
        assert!(TestRatio::quotient(difference, rows as f64 * f64::EPSILON * size).passes());
        let x = panel.zeros().gaussian_like(&mut rng);
        let difference = &panel.apply(&x) - &array.apply(&Array1::from(x.to_vec()));
        assert!(TestRatio::quotient(difference.norm(), unit * size.sqrt() * x.norm()).passes());
    }
}

#[test]
fn inner_products_and_combinations_agree_with_arrays() {
    for place in places() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let dim = 150_001;
        let like = TensorVector::zeros(dim, &place).unwrap();
        let draw = |count: usize, rng: &mut ChaCha8Rng| -> Vec<TensorVector> {
            (0..count).map(|_| like.gaussian_like(rng)).collect()
        };
        let (xs, mut ys) = (draw(4, &mut rng), draw(3, &mut rng));
        let arrays = |vs: &[TensorVector]| vs.iter().map(|v| Array1::from(v.to_vec())).collect::<Vec<_>>();
        let (array_xs, mut array_ys) = (arrays(&xs), arrays(&ys));
        let difference = TensorVector::gram(&xs, &ys) - Vector::gram(&array_xs, &array_ys);
        let unit = dim as f64 * f64::EPSILON;
        assert!(TestRatio::quotient(difference.mapv(f64::abs).sum(), unit * dim as f64).passes());
        let c = Array2::from_shape_simple_fn((4, 3), || rng.random_range(-1.0..1.0));
        let before: Vec<u64> = ys.iter().map(TensorVector::stamp).collect();
        TensorVector::add_combinations(&mut ys, &c, &xs);
        Vector::add_combinations(&mut array_ys, &c, &array_xs);
        for ((y, array), before) in ys.iter().zip(&array_ys).zip(before) {
            assert_ne!(y.stamp(), before);
            let difference = &Array1::from(y.to_vec()) - array;
            // One rounding to the storage.
            assert!(TestRatio::quotient(difference.norm(), y.epsilon() * array.norm()).passes());
        }
    }
}

/// In f32, terms that a sum in f32 would lose.
#[test]
fn inner_products_are_accumulated_in_f64() {
    let place = device::place(Precision::F32);
    let dim = 1 << 21;
    let mut entries = vec![1.0; dim];
    entries[0] = 2f64.powi(13);
    let x = TensorVector::zeros(dim, &place).unwrap().with_entries(&entries);
    let exact = 2f64.powi(26) + (dim - 1) as f64;
    assert_eq!(x.dot(&x), exact);
    assert_eq!(TensorVector::gram(&[x.clone(), x.clone()], std::slice::from_ref(&x))[(1, 0)], exact);
}

#[test]
fn stamps_tell_contents_apart() {
    let place = device::double();
    let mut x = TensorVector::zeros(4, &place).unwrap().with_entries(&[1.0, 2.0, 3.0, 4.0]);
    let copy = x.clone();
    assert_ne!(copy.stamp(), x.stamp());
    let mut seen = vec![x.stamp(), copy.stamp()];
    let changes: [&dyn Fn(&mut TensorVector); 4] =
        [&|x| x.axpy(1.0, &copy), &|x| x.scale(2.0), &|x| x.scale_add(0.5, &copy), &|x| {
            TensorVector::add_combinations(std::slice::from_mut(x), &Array2::ones((1, 1)), std::slice::from_ref(&copy));
        }];
    for change in changes {
        change(&mut x);
        assert!(!seen.contains(&x.stamp()));
        seen.push(x.stamp());
    }
    assert_eq!(x.to_vec(), [4.0, 8.0, 12.0, 16.0]);
    assert_eq!(copy.to_vec(), [1.0, 2.0, 3.0, 4.0]);
    x.copy_from(&copy);
    assert!(!seen.contains(&x.stamp()));
    assert_eq!(x.to_vec(), copy.to_vec());
}

#[test]
fn a_nan_or_an_infinity_is_seen() {
    for place in places() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let x = TensorVector::zeros(3, &place).unwrap().with_entries(&[1.0, bad, -2.0]);
            assert!(!x.is_finite());
            assert_eq!(x.max_abs().is_nan(), bad.is_nan());
        }
        assert_eq!(TensorVector::zeros(3, &place).unwrap().with_entries(&[1.0, -3.0, 2.0]).max_abs(), 3.0);
    }
}
