//! Deriving a cell, against the slowest reading of the definitions.

use nasproof::space::{Genotype, Operation, Rule, Space, SpaceName, StrengthError};
use ndarray::Array2;
use proptest::prelude::*;

proptest! {
    /// Node by node: rank all edges by their largest strength but that of none, keep two.
    #[test]
    fn darts_keeps_two_edges_a_node_and_never_none(strengths in prop::collection::vec(0u8..20, 28 * 8)) {
        let space = Space::published(SpaceName::Darts);
        let alpha = Array2::from_shape_vec((28, 8), strengths.iter().map(|&s| f64::from(s)).collect()).unwrap();
        let Genotype::Darts(cell) = space.derive(&alpha).unwrap() else { panic!("another notation") };
        for (kind, edges) in [(0, &cell.normal), (1, &cell.reduce)] {
            for node in 2..6 {
                let first = kind * 14 + [0, 2, 5, 9][node - 2];
                let strength = |from: usize| (1..8).map(|o| alpha[(first + from, o)]).fold(f64::MIN, f64::max);
                let kept = &edges[2 * (node - 2)..2 * (node - 1)];
                for (operation, from) in kept {
                    // Fewer than two others are stronger, or as strong and earlier.
                    let better = (0..node).filter(|&other| {
                        strength(other) > strength(*from) || (strength(other) == strength(*from) && other < *from)
                    });
                    prop_assert!(better.count() < 2);
                    prop_assert!(*operation != Operation::None);
                    let column = (1..8).find(|&o| alpha[(first + from, o)] == strength(*from)).unwrap();
                    prop_assert_eq!(operation.name(), space.gates().operation(first + from - kind * 14, column));
                }
                prop_assert!(kept[0].1 != kept[1].1);
                prop_assert!(strength(kept[0].1) >= strength(kept[1].1));
            }
        }
    }
}

#[test]
fn nas_bench_201_takes_the_strongest_of_each_edge() {
    let space = Space::published(SpaceName::Nb201);
    let alpha = Array2::from_shape_fn((6, 5), |(e, o)| f64::from(u8::from(o == [3, 0, 1, 4, 0, 2][e])));
    let cell = space.derive(&alpha).unwrap();
    assert_eq!(cell.to_string(), "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|");
}

#[test]
fn nas_bench_1shot1_takes_as_many_parents_as_its_space_says() {
    for (name, parents) in [
        (SpaceName::OneShot1, vec![1, 2, 2, 2, 2]),
        (SpaceName::OneShot2, vec![1, 1, 2, 2, 3]),
        (SpaceName::OneShot3, vec![1, 1, 1, 2, 2, 2]),
    ] {
        let space = Space::published(name);
        // Later parents are stronger.
        let alpha = Array2::from_shape_fn(space.tying().mask().dim(), |(_, o)| o as f64);
        let Genotype::OneShot(cell) = space.derive(&alpha).unwrap() else { panic!("another notation") };
        for (i, &count) in parents.iter().enumerate() {
            let column: Vec<usize> = (0..=i).filter(|&from| cell.matrix[from][i + 1]).collect();
            assert_eq!(column, (i + 1 - count..=i).collect::<Vec<_>>(), "{name}, node {}", i + 1);
        }
        assert!(cell.operations.iter().all(|&operation| operation == Operation::Conv1x1BnRelu));
    }
}

#[test]
fn strengths_that_decide_nothing_are_refused() {
    let space = Space::published(SpaceName::Nb201);
    let error = space.derive(&Array2::zeros((5, 6))).unwrap_err();
    assert_eq!(error, StrengthError::Shape { space: SpaceName::Nb201, given: (5, 6), expected: (6, 5) });
    let mut alpha = Array2::zeros((6, 5));
    alpha[(2, 3)] = f64::NAN;
    assert_eq!(space.derive(&alpha).unwrap_err(), StrengthError::NotANumber { row: 2, column: 3 });
}

#[test]
fn each_space_allows_its_own_rules() {
    for name in SpaceName::ALL {
        let space = Space::published(name);
        let own = match name {
            SpaceName::Nb201 | SpaceName::Minimal | SpaceName::Simplified | SpaceName::Modified => Rule::Argmax,
            SpaceName::OneShot1 | SpaceName::OneShot2 | SpaceName::OneShot3 => Rule::OneShot,
            _ => Rule::Top2,
        };
        assert_eq!(space.rule(), own, "{name}");
        for rule in Rule::ALL {
            let expected = match rule {
                Rule::Candidates => true,
                Rule::AlphaBeta => own != Rule::OneShot,
                _ => rule == own,
            };
            let allowed = space.allows(rule);
            assert_eq!(allowed.is_ok(), expected, "{name} {rule}");
            if let Err(error) = allowed {
                let message = error.to_string();
                assert!(message.starts_with(&format!("{rule} makes no cell of {name}")), "{message}");
                assert!(message.ends_with(&format!("take {own}")), "{message}");
            }
            assert_eq!(rule.to_string().parse(), Ok(rule));
        }
    }
    let message = "top2".parse::<Rule>().unwrap_err().to_string();
    assert!(
        message.contains("\"top2\"") && message.contains("argmax, top-2, 1shot1, alpha-beta, candidates"),
        "{message}"
    );
}

/// In every alternative the forced operation is on its edge; elsewhere it is the derived cell, but where the edge takes another's place.
#[test]
fn alternatives_differ_from_the_derived_cell_in_the_forced_operation() {
    let space = Space::published(SpaceName::Nb201);
    let alpha = Array2::from_shape_fn((6, 5), |(e, o)| f64::from(u8::from(o == [3, 0, 1, 4, 0, 2][e])));
    let Genotype::Nb201(derived) = space.derive(&alpha).unwrap() else { panic!("another notation") };
    let all = space.alternatives(&alpha).unwrap();
    assert_eq!(all.len(), 30);
    for alternative in all {
        let Genotype::Nb201(cell) = alternative.genotype else { panic!("another notation") };
        let pairs = cell.nodes.concat().into_iter().zip(derived.nodes.concat());
        for (row, ((operation, from), (otherwise, other_from))) in pairs.enumerate() {
            assert_eq!(from, other_from);
            if row == alternative.row {
                assert_eq!(operation.name(), space.gates().operation(row, alternative.column));
            } else {
                assert_eq!(operation, otherwise);
            }
        }
    }
    let space = Space::published(SpaceName::Darts);
    let alpha = Array2::from_shape_fn((28, 8), |(e, o)| ((e * 13 + o * 7) % 17) as f64);
    let all = space.alternatives(&alpha).unwrap();
    // Never none.
    assert_eq!(all.len(), 28 * 7);
    for alternative in all {
        let Genotype::Darts(cell) = alternative.genotype else { panic!("another notation") };
        let (edges, row) =
            if alternative.row < 14 { (&cell.normal, alternative.row) } else { (&cell.reduce, alternative.row - 14) };
        let (from, to) = space.cell().rows[row].ends();
        let into = &edges[2 * (to - 2)..2 * (to - 1)];
        let name = space.gates().operation(row, alternative.column);
        assert!(into.iter().any(|(operation, node)| operation.name() == name && *node == from), "{row} {into:?}");
    }
    assert!(matches!(space.alternatives(&Array2::zeros((28, 7))), Err(StrengthError::Shape { .. })));
    // Of parents the forced one is in, with the strongest of the others; of the operations of a node the forced one.
    let space = Space::published(SpaceName::OneShot2);
    let alpha = Array2::from_shape_fn(space.tying().mask().dim(), |(e, o)| ((e * 13 + o * 7) % 17) as f64);
    let derived = space.opened(&space.derive(&alpha).unwrap()).unwrap();
    let all = space.alternatives(&alpha).unwrap();
    assert_eq!(all.len(), space.choices().allowed().iter().filter(|may| **may).count());
    for alternative in all {
        let opened = space.opened(&alternative.genotype).unwrap();
        assert_eq!(opened[(alternative.row, alternative.column)], 1.0);
        for (row, open) in opened.rows().into_iter().enumerate() {
            let expected = derived.row(row);
            if row != alternative.row {
                assert_eq!(open, expected);
                continue;
            }
            // The weakest of those that were open is the one that goes.
            let was: Vec<usize> = (0..open.len()).filter(|&o| expected[o] == 1.0).collect();
            let weakest = was.iter().copied().min_by(|&a, &b| alpha[(row, a)].total_cmp(&alpha[(row, b)])).unwrap();
            let mut changed = expected.to_owned();
            if !was.contains(&alternative.column) {
                changed[weakest] = 0.0;
                changed[alternative.column] = 1.0;
            }
            assert_eq!(open, changed, "row {row}");
        }
    }
}
