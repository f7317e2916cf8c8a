//! Parameters, FLOPs and memory accesses, against the formulas that the published code of SNAS states operation by operation
//! (SNAS-Series/SNAS-Series, `Analysis/snas/operations.py`).

use nasproof::space::{Settings, Space, SpaceName};

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
        "nor_conv_3x3" => [9 * c * c, 9 * c * c * y2, y2 * 2 * c + 9 * c * c],
        other => panic!("no formula for {other}"),
    }
}

#[test]
fn every_operation_needs_what_the_published_formula_says() {
    for name in [SpaceName::Darts, SpaceName::S1, SpaceName::S2, SpaceName::S3, SpaceName::Nb201, SpaceName::Minimal] {
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

#[test]
fn the_nodes_of_nas_bench_1shot1_count_the_scale_and_shift_of_their_normalisation() {
    let space = Space::published(SpaceName::OneShot1);
    let resources = space.resources();
    assert_eq!(resources.parameters[(0, 1)], f64::from(9 * 16 * 16 + 2 * 16));
    assert_eq!(resources.flops[(0, 1)], f64::from(9 * 16 * 16 * 32 * 32));
    // Behind the pooling to 17×17 with 32 channels.
    assert_eq!(resources.flops[(3 * 7, 2)], f64::from(32 * 32 * 17 * 17));
    assert!(resources.flops.row(4).iter().all(|&n| n == 0.0));
}
