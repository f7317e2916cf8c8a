//! The augmentation, beside a slow and obvious one.

use nasproof::torch::{
    Precision,
    data::{Augmentation, Cifar, Images, bring, decode_cifar, order},
};

use super::cifar_10;
use crate::device;

fn images(count: usize) -> Images {
    decode_cifar(&cifar_10(count), Cifar::Ten).unwrap()
}

fn augmented(augmentation: Augmentation, images: &Images, index: usize, at: (u64, u64)) -> Vec<f64> {
    let mut out = vec![f64::NAN; images.area()];
    augmentation.write(images, index, at, &mut Vec::new(), &mut out);
    out
}

/// Pads, cuts out, then mirrors: whole arrays, one step after another.
fn oracle(images: &Images, index: usize, down: usize, right: usize, mirrored: bool) -> Vec<f64> {
    let mut plain = vec![0.0; images.area()];
    images.write(index, &mut plain);
    let mut out = Vec::new();
    for c in 0..3 {
        let mut padded = vec![vec![images.black(c); 40]; 40];
        for y in 0..32 {
            for x in 0..32 {
                padded[y + 4][x + 4] = plain[(c * 32 + y) * 32 + x];
            }
        }
        for row in &padded[down..down + 32] {
            let mut row = row[right..right + 32].to_vec();
            if mirrored {
                row.reverse();
            }
            out.extend(row);
        }
    }
    out
}

/// Which crop and flip of the oracle it is.
fn recognise(images: &Images, index: usize, seen: &[f64]) -> Option<(usize, usize, bool)> {
    (0..9)
        .flat_map(|down| (0..9).flat_map(move |right| [(down, right, false), (down, right, true)]))
        .find(|&(down, right, mirrored)| oracle(images, index, down, right, mirrored) == seen)
}

#[test]
fn every_augmented_image_is_a_crop_of_the_oracle_and_each_choice_is_equally_likely() {
    let images = images(3);
    let augmentation = Augmentation::darts(0);
    let (mut down, mut right, mut mirrored) = ([0u32; 9], [0u32; 9], 0u32);
    let draws = 360;
    for draw in 0..draws {
        let (index, at) = (draw % 3, (5, draw as u64 / 3));
        let (d, r, m) = recognise(&images, index, &augmented(augmentation, &images, index, at)).expect("no crop of it");
        down[d] += 1;
        right[r] += 1;
        mirrored += u32::from(m);
    }
    // Pearson's statistic with 8 degrees of freedom exceeds 26.1 with probability 1e-3; the draws are fixed by the seed.
    for counts in [down, right] {
        let expected = f64::from(draws as u32) / 9.0;
        let statistic: f64 = counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
        assert!(statistic < 26.1, "{counts:?}");
    }
    // One degree of freedom: 10.8 with probability 1e-3.
    let half = f64::from(draws as u32) / 2.0;
    assert!(2.0 * (f64::from(mirrored) - half).powi(2) / half < 10.8, "{mirrored}");
}

#[test]
fn it_depends_on_seed_epoch_and_index_and_on_nothing_else() {
    let images = images(12);
    let a = Augmentation::darts(0);
    let all = |at| (0..12).map(|i| augmented(a, &images, i, at)).collect::<Vec<_>>();
    assert_eq!(all((1, 2)), all((1, 2)));
    assert_ne!(all((1, 2)), all((1, 3)));
    assert_ne!(all((1, 2)), all((2, 2)));
    assert_ne!(all((1, 2)), all((2, 1)));
    let choices: Vec<_> = (0..12).map(|i| recognise(&images, i, &augmented(a, &images, i, (1, 2)))).collect();
    assert!(choices.iter().any(|choice| choice != &choices[0]), "every image is cropped alike");
    // Nothing to draw, nothing changed.
    let nothing = Augmentation { padding: 0, flip: false, cutout: 0 };
    assert_eq!(augmented(nothing, &images, 3, (1, 2)), oracle(&images, 3, 4, 4, false));
}

#[test]
fn cutout_zeroes_a_square_of_its_side_clipped_at_the_border() {
    let images = images(1);
    for cutout in [1, 2, 5, 16] {
        let mut largest = 0;
        for epoch in 0..60 {
            let a = Augmentation { padding: 4, flip: true, cutout };
            let at = (9, epoch);
            let (with, without) =
                (augmented(a, &images, 0, at), augmented(Augmentation { cutout: 0, ..a }, &images, 0, at));
            let zeros: Vec<usize> = (0..1024).filter(|&i| with[i] == 0.0 && without[i] != 0.0).collect();
            let (rows, columns): (Vec<_>, Vec<_>) = zeros.iter().map(|i| (i / 32, i % 32)).unzip();
            let side = |v: &[usize]| v.iter().max().unwrap() - v.iter().min().unwrap() + 1;
            let (height, width) = (side(&rows), side(&columns));
            // No byte becomes exactly 0, so the square is all there is, in every channel.
            assert_eq!(zeros.len(), height * width);
            assert!(height <= cutout && width <= cutout && height >= cutout.div_ceil(2) && width >= cutout.div_ceil(2));
            largest = largest.max(height * width);
            for c in 1..3 {
                assert!(zeros.iter().all(|i| with[c * 1024 + i] == 0.0));
            }
            assert!((0..3072).all(|i| with[i] == without[i] || (with[i] == 0.0 && zeros.contains(&(i % 1024)))));
        }
        assert_eq!(largest, cutout * cutout);
    }
}

#[test]
fn an_epoch_is_a_permutation_of_its_own_and_batches_hold_its_images() {
    let indices = [4, 9, 2, 7, 0];
    let (first, again, second) = (order(&indices, (3, 0)), order(&indices, (3, 0)), order(&indices, (3, 1)));
    assert_eq!(first, again);
    let orders: Vec<_> = (0..8).map(|epoch| order(&indices, (3, epoch))).collect();
    assert!(orders.iter().any(|order| order != &orders[0]));
    let sorted = |mut order: Vec<usize>| {
        order.sort_unstable();
        order
    };
    assert_eq!(sorted(first), sorted(second));

    let images = images(10);
    for precision in [Precision::F32, Precision::F64] {
        let place = device::place(precision);
        let batch = bring(&images, &indices, None, &place).unwrap();
        assert_eq!((batch.images().size(), batch.len()), (vec![5, 3, 32, 32], 5));
        assert_eq!((batch.images().kind(), batch.labels().int64_value(&[1])), (place.kind(), 9));
        let expected = oracle(&images, 9, 4, 4, false)[1500];
        let got = batch.images().reshape([-1]).double_value(&[3072 + 1500]);
        assert_eq!(got, if precision == Precision::F64 { expected } else { f64::from(expected as f32) });
    }
}
