//! Parameters, FLOPs and memory accesses, against the formulas that the published code of SNAS states operation by operation
//! (SNAS-Series/SNAS-Series, `Analysis/snas/operations.py`).

use nasproof::space::{Settings, Skeleton, Space, SpaceName};

/// Parameters, FLOPs, accesses of an operation on C channels; y is the side of the output.
fn published(name: &str, c: usize, side: usize, stride: usize) -> [usize; 3] {
    let y2 = (side / stride).pow(2);
    let one = stride == 1;
    let separable = |k: usize| {
        let size = 2 * c * k * k + 2 * c * c;
        [size, size * y2, y2 * (if one { 7 } else { 10 } * c + c) + size]
    };
    let dilated = |k: usize| {
        let size = c * k * k + c * c;
        [size, size * y2, y2 * (if one { 3 } else { 6 } * c + c) + size]
    };
    let pool = [0, 9 * y2 * c, if one { 2 } else { 5 } * y2 * c];
    match name {
        "none" => [0; 3],
        "skip_connect" if one => [0, 0, 2 * c * y2],
        "skip_connect" => {
            let size = 2 * c * (c / 2);
            [size, size * y2, 2 * y2 * (4 * c + c / 2) + size]
        }
        "max_pool_3x3" | "avg_pool_3x3" => pool,
        "sep_conv_3x3" => separable(3),
        "sep_conv_5x5" => separable(5),
        "dil_conv_3x3" => dilated(3),
        "dil_conv_5x5" => dilated(5),
        "nor_conv_1x1" => [c * c, c * c * y2, y2 * 2 * c + c * c],
        // Of which the published code has no formula: it writes its output and reads nothing.
        "noise" => [0, 0, c * y2],
        "nor_conv_3x3" => [9 * c * c, 9 * c * c * y2, y2 * 2 * c + 9 * c * c],
        other => panic!("no formula for {other}"),
    }
}

#[test]
fn every_operation_needs_what_the_published_formula_says() {
    for name in SpaceName::ALL.into_iter().filter(|name| name.skeleton() != Skeleton::OneShot) {
        let space = Space::published(name);
        let resources = space.resources();
        for ((row, column), &exists) in space.gates().mask.indexed_iter() {
            let (cell, edge) = space.gates().place(row);
            let instance = &space.instances()[cell];
            let (from, _) = space.gates().edges[edge];
            let reduction = instance.inputs.len() == 2 && instance.kind.index() == 1;
            let stride = if reduction && from < 2 { 2 } else { 1 };
            let side = if reduction && from >= 2 { instance.size.0 / 2 } else { instance.size.0 };
            let expected = match exists {
                true => published(space.gates().operation(row, column), instance.channels, side, stride),
                false => [0; 3],
            };
            let at = (row, column);
            let given = [resources.parameters[at], resources.flops[at], resources.accesses[at]];
            assert_eq!(given, expected.map(|n| n as f64), "{name} row {row} {}", space.gates().operation(row, column));
        }
    }
}

#[test]
fn partial_channels_need_what_a_quarter_of_the_channels_does() {
    let partial = Settings { partial: 4, ..Settings::published(SpaceName::Darts) };
    let resources = Space::new(SpaceName::Darts, partial).unwrap().resources();
    let expected = published("sep_conv_3x3", 4, 32, 1).map(|n| n as f64);
    assert_eq!([resources.parameters[(0, 4)], resources.flops[(0, 4)], resources.accesses[(0, 4)]], expected);
}

/// 32 → 17 → 9 pixels a side, 16 → 32 → 64 channels, of which an operation has $1/K$; parents have none of their own.
#[test]
fn the_nodes_of_nas_bench_1shot1_count_the_scale_and_shift_of_their_normalisation() {
    for (name, nodes) in [(SpaceName::OneShot1, 4), (SpaceName::OneShot2, 4), (SpaceName::OneShot3, 5)] {
        for partial in [1, 4] {
            let space = Space::new(name, Settings { partial, ..Settings::published(name) }).unwrap();
            let resources = space.resources();
            for (row, column) in space.gates().mask.indexed_iter().map(|(at, _)| at) {
                let (cell, within) = space.gates().place(row);
                let (y2, c) = ([32usize, 17, 9][cell / 3].pow(2), [16, 32, 64][cell / 3] / partial);
                let convolution = |k: usize| {
                    let weights = k * k * c * c;
                    [weights + 2 * c, weights * y2, 2 * c * y2 + weights]
                };
                let expected = match column {
                    _ if within >= nodes => [0; 3],
                    0 => [0, 9 * c * y2, 2 * c * y2],
                    1 => convolution(3),
                    2 => convolution(1),
                    _ => [0; 3],
                };
                let at = (row, column);
                let given = [resources.parameters[at], resources.flops[at], resources.accesses[at]];
                assert_eq!(given, expected.map(|n| n as f64), "{name} K = {partial} row {row}, column {column}");
            }
        }
    }
}
