//! The number of parameters of every published supernet, against hand counts from its layers' shapes.

use nasproof::{
    space::{Settings, Space, SpaceName},
    torch::{Network, Parameter, SpaceNet},
};

use super::common::{network, place};

fn count(name: SpaceName, change: impl FnOnce(&mut Settings)) -> usize {
    let mut settings = Settings::published(name);
    change(&mut settings);
    let net = SpaceNet::new(Space::new(name, settings).unwrap(), &place()).unwrap();
    net.parameters().iter().map(Parameter::len).sum()
}

/// Stem 3→C 3×3 with affine BN; 6 edges of C² + 9C² a cell; residual blocks C→2C with two affine BN; affine BN; classifier.
/// NAS-Bench-201's search networks are quoted with 1.69 M parameters at N = 5.
fn nb201(c: usize, n: usize, partial: usize) -> usize {
    let cell = |c: usize| 6 * (c / partial).pow(2) * (1 + 9);
    let residual = |c: usize| 9 * c * 2 * c + 9 * 2 * c * 2 * c + 2 * (2 * 2 * c) + c * 2 * c;
    let stem = 27 * c + 2 * c;
    stem + n * (cell(c) + cell(2 * c) + cell(4 * c)) + residual(c) + residual(2 * c) + 2 * 4 * c + 10 * 4 * c + 10
}

#[test]
fn nas_bench_201() {
    assert_eq!(count(SpaceName::Nb201, |_| ()), nb201(16, 5, 1));
    assert_eq!(nb201(16, 5, 1), 1_686_106);
    assert_eq!(count(SpaceName::Nb201, |s| s.cells = 1), nb201(16, 1, 1));
    assert_eq!(nb201(16, 1, 1), 395_866);
}

/// The weights of an operation on C channels: sep = 2(k²C + C²), dil = k²C + C²; a skip of stride 2 is two convolutions C → C/2.
fn operation(name: &str, c: usize, stride: usize) -> usize {
    match name {
        "sep3" => 2 * (9 * c + c * c),
        "sep5" => 2 * (25 * c + c * c),
        "dil3" => 9 * c + c * c,
        "dil5" => 25 * c + c * c,
        "skip" if stride == 2 => c * c,
        _ => 0,
    }
}

/// A network of the DARTS family with 8 cells, the operations of the edges of a (normal, reduction) cell, 1/K of the channels on the edges.
/// BN has parameters in the stem only.
fn darts(c: usize, partial: usize, edges: [&dyn Fn(usize) -> Vec<&'static str>; 2]) -> usize {
    // Cells 2 and 5 reduce; the output of a cell has four times its channels.
    let channels = [c, c, 2 * c, 2 * c, 2 * c, 4 * c, 4 * c, 4 * c];
    let mut total = 27 * 3 * c + 2 * 3 * c;
    for (i, &now) in channels.iter().enumerate() {
        let output = |i: Option<usize>| i.map_or(3 * c, |i| 4 * channels[i]);
        total += output(i.checked_sub(2)) * now + output(i.checked_sub(1)) * now;
        let reduction = i == 2 || i == 5;
        for edge in 0..14 {
            // Two edges of each node come from the inputs: 0, 1; 2, 3; 5, 6; 9, 10.
            let stride = if reduction && [0, 1, 2, 3, 5, 6, 9, 10].contains(&edge) { 2 } else { 1 };
            let names = edges[usize::from(reduction)](edge);
            total += names.into_iter().map(|name| operation(name, now / partial, stride)).sum::<usize>();
        }
    }
    total + 10 * 16 * c + 10
}

fn all_eight(_: usize) -> Vec<&'static str> {
    vec!["none", "max", "avg", "skip", "sep3", "sep5", "dil3", "dil5"]
}

#[test]
fn darts_has_1_93_million() {
    assert_eq!(count(SpaceName::Darts, |_| ()), darts(16, 1, [&all_eight, &all_eight]));
    assert_eq!(darts(16, 1, [&all_eight, &all_eight]), 1_930_618);
}

/// PC-DARTS: a quarter of the channels.
#[test]
fn partial_channels() {
    assert_eq!(count(SpaceName::Darts, |s| s.partial = 4), darts(16, 4, [&all_eight, &all_eight]));
    assert_eq!(count(SpaceName::Nb201, |s| s.partial = 4), nb201(16, 5, 4));
}

#[test]
fn robust_darts() {
    // `src/spaces.py` of automl/RobustDARTS, edge by edge.
    let normal = |edge: usize| -> Vec<&'static str> {
        [
            ["skip", "dil3"],
            ["skip", "dil5"],
            ["skip", "dil5"],
            ["skip", "sep3"],
            ["skip", "dil3"],
            ["max", "skip"],
            ["skip", "sep3"],
            ["skip", "sep3"],
            ["skip", "dil3"],
            ["skip", "sep3"],
            ["max", "skip"],
            ["skip", "dil3"],
            ["dil3", "dil5"],
            ["dil3", "dil5"],
        ][edge]
            .to_vec()
    };
    let reduction = |edge: usize| -> Vec<&'static str> {
        [
            ["max", "avg"],
            ["max", "dil3"],
            ["max", "avg"],
            ["max", "avg"],
            ["skip", "dil5"],
            ["max", "avg"],
            ["max", "sep3"],
            ["skip", "dil3"],
            ["skip", "dil5"],
            ["max", "avg"],
            ["max", "avg"],
            ["skip", "dil5"],
            ["skip", "dil5"],
            ["skip", "dil5"],
        ][edge]
            .to_vec()
    };
    assert_eq!(count(SpaceName::S1, |_| ()), darts(16, 1, [&normal, &reduction]));
    let two = |_: usize| vec!["skip", "sep3"];
    assert_eq!(count(SpaceName::S2, |_| ()), darts(16, 1, [&two, &two]));
    assert_eq!(count(SpaceName::S3, |_| ()), darts(16, 1, [&two, &two]));
    let noise = |_: usize| vec!["noise", "sep3"];
    assert_eq!(count(SpaceName::S4, |_| ()), darts(16, 1, [&noise, &noise]));
}

/// No bias in the classifier, no reduction; stem of 3C channels; every input preprocessed to C.
#[test]
fn wiring_cells() {
    let edge = |c| all_eight(0).into_iter().map(|name| operation(name, c, 1)).sum::<usize>();
    let c = 16;
    let stem = 27 * 3 * c + 2 * 3 * c;
    assert_eq!(count(SpaceName::Minimal, |_| ()), stem + 2 * 3 * c * c + 5 * edge(c) + 10 * 2 * c);
    assert_eq!(count(SpaceName::Simplified, |_| ()), stem + 3 * c * c + 3 * edge(c) + 10 * 2 * c);
    assert_eq!(count(SpaceName::Modified, |_| ()), stem + 3 * c * c + 3 * edge(c) + 10 * c);
}

/// Every BN of the cells is affine: n blocks of 9C² + 2C and C² + 2C, n + 1 projections of the cell's input.
#[test]
fn nas_bench_1shot1() {
    let expected = |n: usize, c: usize| {
        let mut total = 27 * c + 2 * c;
        for i in 0..9 {
            let now = c << (i / 3);
            let input = if i == 0 { c } else { (n + 1) * (c << ((i - 1) / 3)) };
            total += n * (10 * now * now + 4 * now) + (n + 1) * (input * now + 2 * now);
        }
        total + (n + 1) * 4 * c * 4 * c + 10 * 4 * c + 10
    };
    assert_eq!(count(SpaceName::OneShot1, |_| ()), expected(4, 16));
    assert_eq!(count(SpaceName::OneShot2, |_| ()), expected(4, 16));
    assert_eq!(count(SpaceName::OneShot3, |_| ()), expected(5, 16));
}

#[test]
fn the_table_of_resources_counts_the_weights_of_each_operation() {
    for name in SpaceName::ALL {
        let net = network(name);
        let resources = net.space().resources();
        for ((row, column), &parameters) in resources.parameters.indexed_iter() {
            assert_eq!(net.weights_of(row, column).len() as f64, parameters, "{name} ({row}, {column})");
        }
        assert_eq!(net.weights_of(usize::MAX, 0), 0..0);
    }
}

#[test]
fn names_are_those_of_the_published_code() {
    let has = |name: SpaceName, wanted: &[&str]| {
        let net = network(name);
        let mut names: Vec<String> = net.parameters().iter().map(|p| p.name.clone()).collect();
        names.extend(net.statistics().into_iter().map(|(name, _)| name));
        for wanted in wanted {
            assert!(names.iter().any(|name| name == wanted), "{name} has no {wanted}: {names:#?}");
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{name}: two of one name");
    };
    has(
        SpaceName::Darts,
        &[
            "stem.0.weight",
            "stem.1.bias",
            "cells.0.preprocess0.op.1.weight",
            "cells.2.preprocess0.conv_1.weight",
            "cells.2._ops.0._ops.3.bn.running_mean",
            "cells.0._ops.13._ops.5.op.6.weight",
            "cells.0._ops.0._ops.1.1.running_var",
            "classifier.bias",
        ],
    );
    has(
        SpaceName::Nb201,
        &[
            "cells.0.edges.3<-1.2.op.1.weight",
            "cells.1.conv_a.op.2.weight",
            "cells.1.downsample.1.weight",
            "lastact.0.bias",
        ],
    );
    has(
        SpaceName::OneShot1,
        &[
            "stem.op.0.weight",
            "cells.0._choice_blocks.3.mixed_op._ops.1.op.op.0.weight",
            "cells.2._input_projections.4.op.1.running_mean",
            "postprocess.op.1.weight",
        ],
    );
    has(SpaceName::Minimal, &["cells.0._ops.4._ops.2.op.1.running_mean", "classifier.weight"]);
}
