use nasproof::space::{CellKind, Settings, Space, SpaceName};
use ndarray::Array2;
use proptest::prelude::*;

pub fn names() -> impl Strategy<Value = SpaceName> {
    prop::sample::select(SpaceName::ALL.to_vec())
}

#[test]
fn the_gates_of_every_published_space() {
    let expected = [
        (SpaceName::Darts, (8 * 14, 8), 112 * 8),
        (SpaceName::Nb201, (15 * 6, 5), 90 * 5),
        // Four nodes of 3 operations; nodes 3 and 4 and the output choose among 3, 4 and 5 parents.
        (SpaceName::OneShot1, (9 * 7, 5), 9 * (4 * 3 + 3 + 4 + 5)),
        // Node 2 chooses, too.
        (SpaceName::OneShot2, (9 * 8, 5), 9 * (4 * 3 + 2 + 3 + 4 + 5)),
        (SpaceName::OneShot3, (9 * 10, 6), 9 * (5 * 3 + 2 + 3 + 4 + 5 + 6)),
        (SpaceName::S1, (8 * 14, 2), 112 * 2),
        (SpaceName::S2, (8 * 14, 2), 112 * 2),
        (SpaceName::S3, (8 * 14, 3), 112 * 3),
        (SpaceName::S4, (8 * 14, 2), 112 * 2),
        (SpaceName::Minimal, (5, 8), 40),
        (SpaceName::Simplified, (3, 8), 24),
        (SpaceName::Modified, (3, 8), 24),
    ];
    assert_eq!(expected.map(|(name, ..)| name), SpaceName::ALL);
    for (name, shape, count) in expected {
        let space = Space::published(name);
        assert_eq!(space.gates().shape(), shape, "{name}");
        assert_eq!(space.gates().mask.iter().filter(|&&on| on).count(), count, "{name}");
        for row in 0..shape.0 {
            for column in 0..shape.1 {
                let named = !space.gates().operation(row, column).is_empty();
                assert_eq!(named, space.gates().mask[(row, column)], "{name} ({row}, {column})");
            }
        }
    }
}

#[test]
fn reductions_lie_at_the_thirds_and_double_the_channels() {
    let space = Space::published(SpaceName::Darts);
    let reductions: Vec<usize> = (0..8).filter(|&i| space.instances()[i].kind == CellKind::Reduction).collect();
    assert_eq!(reductions, [2, 5]);
    let channels: Vec<usize> = space.instances().iter().map(|i| i.channels).collect();
    assert_eq!(channels, [16, 16, 32, 32, 32, 64, 64, 64]);
    let inputs: Vec<&[usize]> = space.instances().iter().map(|i| &i.inputs[..]).collect();
    assert_eq!(inputs[..4], [&[48, 48][..], &[48, 64], &[64, 64], &[64, 128]]);
    let sides: Vec<usize> = space.instances().iter().map(|i| i.size.0).collect();
    assert_eq!(sides, [32, 32, 32, 16, 16, 16, 8, 8]);
    let halved: Vec<bool> = space.instances().iter().map(|i| i.halved[0]).collect();
    assert_eq!(halved, [false, false, false, true, false, false, true, false]);

    // 32 → 17 → 9: the pooling of NAS-Bench-1Shot1 pads.
    let space = Space::published(SpaceName::OneShot3);
    let sides: Vec<usize> = space.instances().iter().map(|i| i.size.0).collect();
    assert_eq!(sides, [32, 32, 32, 17, 17, 17, 9, 9, 9]);
    let inputs: Vec<usize> = space.instances().iter().map(|i| i.inputs[0]).collect();
    assert_eq!(inputs, [16, 80, 80, 80, 160, 160, 160, 320, 320]);
}

#[test]
fn s1_differs_over_the_edges_and_the_kinds() {
    let gates = Space::published(SpaceName::S1).gates().clone();
    let at = |row| [gates.operation(row, 0), gates.operation(row, 1)];
    assert_eq!(at(0), ["skip_connect", "dil_conv_3x3"]);
    assert_eq!(at(5), ["max_pool_3x3", "skip_connect"]);
    assert_eq!(at(13), ["dil_conv_3x3", "dil_conv_5x5"]);
    assert_eq!(at(2 * 14), ["max_pool_3x3", "avg_pool_3x3"]);
    assert_eq!(at(2 * 14 + 6), ["max_pool_3x3", "sep_conv_3x3"]);
    assert_eq!(at(2 * 14 + 13), ["skip_connect", "dil_conv_5x5"]);
}

proptest! {
    #[test]
    fn expanding_and_summing_are_adjoint(name in names(), numbers in prop::collection::vec(-8i8..=8, 101)) {
        let space = Space::published(name);
        let tying = space.tying();
        let mut numbers = numbers.into_iter().map(f64::from).cycle();
        let alpha = Array2::from_shape_simple_fn(tying.mask().dim(), || numbers.next().unwrap());
        let gates = Array2::from_shape_simple_fn(space.gates().shape(), || numbers.next().unwrap());
        // Small integers: no rounding.
        prop_assert_eq!((&tying.expand(&alpha) * &gates).sum(), (&tying.sum(&gates) * &alpha).sum());
        let ones = tying.mask().mapv(|on| f64::from(u8::from(on)));
        prop_assert_eq!(tying.expand(&ones).mapv(|x| x == 1.0), space.gates().mask.clone());
    }

    #[test]
    fn every_size_has_gates_for_every_cell(name in names(), cells in 1usize..9, channels in 1usize..5) {
        let settings = Settings { cells, channels: 4 * channels, ..Settings::published(name) };
        let space = Space::new(name, settings).unwrap();
        prop_assert_eq!(space.gates().cells.len(), space.instances().len());
        prop_assert_eq!(space.gates().mask.nrows(), space.instances().len() * space.gates().edges.len());
    }
}
