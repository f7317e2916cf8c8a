//! Derived networks: the published numbers of parameters, and the supernet at gates of 0 and 1.

use nasproof::{
    space::{Genotype, Settings, Space, SpaceName},
    torch::{Input, Network, Normalisation, Parameter, SpaceNet, run::child},
};

use super::common::{entries, place, random, small};

/// The number of weights of the derived network at its published size.
fn count(name: SpaceName, genotype: &str, change: impl FnOnce(&mut Settings)) -> usize {
    let (mut size, _) = child(name);
    change(&mut size);
    let space = Space::new(name, size).unwrap();
    let genotype = space.parse_genotype(genotype).unwrap();
    let net = SpaceNet::child(space, &genotype, &place()).unwrap();
    net.parameters().iter().map(Parameter::len).sum()
}

/// `DARTS_V2` of quark0/darts, `cnn/genotypes.py`; [`V2`] in short.
const DARTS_V2: &str = "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), \
     ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), \
     ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], \
     reduce_concat=[2, 3, 4, 5])";

/// The edges of a cell in order, two a node: the operation and the node it reads.
type Edges = [(&'static str, usize); 8];

/// An operation with its affine BN: sep = (k²C + C² + 2C) twice, dil = k²C + C² + 2C; a skip of stride 2 two convolutions C → C/2 and a BN.
fn operation(name: &str, c: usize, stride: usize) -> usize {
    match name {
        "sep3" => 2 * (9 * c + c * c + 2 * c),
        "sep5" => 2 * (25 * c + c * c + 2 * c),
        "dil3" => 9 * c + c * c + 2 * c,
        "dil5" => 25 * c + c * c + 2 * c,
        "skip" if stride == 2 => c * c + 2 * c,
        "none" | "max" | "avg" | "skip" | "noise" => 0,
        other => panic!("no count for {other}"),
    }
}

/// Layer by layer of `cnn/model.py`, which leaves the auxiliary head out of its count.
fn family(cells: usize, c: usize, normal: &Edges, reduce: &Edges) -> usize {
    let stem = 27 * 3 * c + 2 * 3 * c;
    let (mut total, mut before, mut last, mut now) = (stem, 3 * c, 3 * c, c);
    for i in 0..cells {
        let reduction = i == cells / 3 || i == 2 * cells / 3;
        now *= if reduction { 2 } else { 1 };
        total += (before + last) * now + 2 * 2 * now;
        for &(name, from) in if reduction { reduce } else { normal } {
            total += operation(name, now, if reduction && from < 2 { 2 } else { 1 });
        }
        (before, last) = (last, 4 * now);
    }
    total + 10 * last + 10
}

/// The names of the published code.
fn full(name: &str) -> &str {
    match name {
        "sep3" => "sep_conv_3x3",
        "sep5" => "sep_conv_5x5",
        "dil3" => "dil_conv_3x3",
        "dil5" => "dil_conv_5x5",
        "skip" => "skip_connect",
        "max" => "max_pool_3x3",
        "avg" => "avg_pool_3x3",
        other => other,
    }
}

fn listed(edges: &[(&str, usize)]) -> String {
    let edges: Vec<String> = edges.iter().map(|(name, from)| format!("('{}', {from})", full(name))).collect();
    format!("[{}]", edges.join(", "))
}

fn in_notation(normal: &Edges, reduce: &Edges) -> String {
    let (normal, reduce) = (listed(normal), listed(reduce));
    format!("Genotype(normal={normal}, normal_concat=range(2, 6), reduce={reduce}, reduce_concat=range(2, 6))")
}

const V2: [Edges; 2] = [
    [("sep3", 0), ("sep3", 1), ("sep3", 0), ("sep3", 1), ("sep3", 1), ("skip", 0), ("skip", 0), ("dil3", 2)],
    [("max", 0), ("max", 1), ("skip", 2), ("max", 1), ("max", 0), ("skip", 2), ("skip", 2), ("max", 1)],
];

fn darts_v2(cells: usize, c: usize) -> usize {
    family(cells, c, &V2[0], &V2[1])
}

/// Operations that the edges of each space have; the skips of the reduction cells at stride 2 and at stride 1.
#[test]
fn robust_darts() {
    let sep_or_skip: [Edges; 2] = [
        [("sep3", 0), ("skip", 1), ("sep3", 1), ("sep3", 2), ("skip", 0), ("sep3", 3), ("skip", 2), ("skip", 4)],
        [("skip", 0), ("sep3", 1), ("skip", 1), ("sep3", 2), ("sep3", 0), ("skip", 3), ("skip", 0), ("sep3", 4)],
    ];
    let noisy: [Edges; 2] = [
        [("sep3", 0), ("noise", 1), ("sep3", 1), ("sep3", 2), ("noise", 0), ("sep3", 3), ("noise", 2), ("noise", 4)],
        [("noise", 0), ("sep3", 1), ("noise", 1), ("sep3", 2), ("sep3", 0), ("noise", 3), ("noise", 0), ("sep3", 4)],
    ];
    let pairs: [Edges; 2] = [
        [("dil3", 0), ("dil5", 1), ("skip", 0), ("sep3", 1), ("max", 0), ("sep3", 1), ("dil3", 3), ("dil5", 4)],
        [("max", 0), ("dil3", 1), ("avg", 0), ("dil5", 2), ("sep3", 1), ("skip", 2), ("avg", 1), ("dil5", 4)],
    ];
    for (name, [normal, reduce]) in [
        (SpaceName::S1, &pairs),
        (SpaceName::S2, &sep_or_skip),
        (SpaceName::S3, &sep_or_skip),
        (SpaceName::S4, &noisy),
        (SpaceName::Darts, &pairs),
    ] {
        let text = in_notation(normal, reduce);
        assert_eq!(count(name, &text, |_| ()), family(20, 36, normal, reduce), "{name}");
        assert_eq!(count(name, &text, |s| (s.cells, s.channels) = (8, 16)), family(8, 16, normal, reduce), "{name}");
    }
}

/// One cell, every edge listed; no bias in the classifier.
#[test]
fn wiring_cells() {
    let c = 16;
    for (name, edges, concat, inputs, features) in [
        (
            SpaceName::Minimal,
            &[("sep3", 0), ("dil5", 1), ("none", 0), ("skip", 1), ("sep5", 2)][..],
            "range(2, 4)",
            2,
            2 * c,
        ),
        (SpaceName::Simplified, &[("dil3", 0), ("max", 0), ("sep5", 1)][..], "range(1, 3)", 1, 2 * c),
        (SpaceName::Modified, &[("sep3", 0), ("dil5", 0), ("dil3", 1)][..], "range(2, 3)", 1, c),
    ] {
        let listed = listed(edges);
        let text = format!("Genotype(normal={listed}, normal_concat={concat}, reduce=[], reduce_concat=[])");
        let operations: usize = edges.iter().map(|(name, _)| operation(name, c, 1)).sum();
        let expected = 27 * 3 * c + 2 * 3 * c + inputs * (3 * c * c + 2 * c) + operations + 10 * features;
        assert_eq!(count(name, &text, |_| ()), expected, "{name}");
    }
}

/// The operations of the nodes, a projection for each node (and the output) that reads the cell's input, and as many channels of output as in the supernet.
#[test]
fn nas_bench_1shot1() {
    let one =
        ["[0, 1, 1, 1, 0, 0]", "[0, 0, 1, 0, 1, 0]", "[0, 0, 0, 1, 0, 1]", "[0, 0, 0, 0, 1, 0]", "[0, 0, 0, 0, 0, 1]"];
    let three = [
        "[0, 1, 1, 0, 0, 1, 1]",
        "[0, 0, 0, 1, 0, 0, 0]",
        "[0, 0, 0, 0, 1, 0, 0]",
        "[0, 0, 0, 0, 1, 0, 0]",
        "[0, 0, 0, 0, 0, 1, 0]",
        "[0, 0, 0, 0, 0, 0, 1]",
    ];
    for (name, rows, operations) in [
        (SpaceName::OneShot1, &one[..], &["conv3x3", "maxpool3x3", "conv1x1", "conv3x3"][..]),
        (SpaceName::OneShot3, &three[..], &["conv1x1", "conv3x3", "maxpool3x3", "conv1x1", "conv3x3"][..]),
    ] {
        let n = operations.len();
        let full = |name: &&str| if *name == "maxpool3x3" { format!("'{name}'") } else { format!("'{name}-bn-relu'") };
        let names: Vec<String> = operations.iter().map(full).collect();
        let last = format!("[{}]", vec!["0"; n + 2].join(", "));
        let text =
            format!("ModelSpec(matrix=[{}, {last}], ops=['input', {}, 'output'])", rows.join(", "), names.join(", "));
        // The output takes as many channels of the input as it has itself, that of all nodes.
        let to_output = rows[0].ends_with("1]");
        let projections = rows[0].matches('1').count() + if to_output { n - 1 } else { 0 };
        let expected = |c: usize| {
            let mut total = 27 * c + 2 * c;
            for i in 0..9 {
                let now = c << (i / 3);
                let input = if i == 0 { c } else { n * (c << ((i - 1) / 3)) };
                let weights = |name: &&str| match *name {
                    "conv3x3" => 9 * now * now + 2 * now,
                    "conv1x1" => now * now + 2 * now,
                    _ => 0,
                };
                total += operations.iter().map(weights).sum::<usize>() + projections * (input * now + 2 * now);
            }
            total + n * 4 * c * 4 * c + 2 * 4 * c + 10 * 4 * c + 10
        };
        assert_eq!(count(name, &text, |_| ()), expected(16), "{name}");
        assert_eq!(count(name, &text, |s| s.channels = 4), expected(4), "{name}");
    }
}

#[test]
fn darts_v2_has_3_3_million() {
    assert_eq!(count(SpaceName::Darts, DARTS_V2, |_| ()), darts_v2(20, 36));
    // 3.3 M in the paper's Table 1, without the auxiliary head.
    assert_eq!(darts_v2(20, 36), 3_349_342);
    assert_eq!(count(SpaceName::Darts, DARTS_V2, |s| (s.cells, s.channels) = (8, 16)), darts_v2(8, 16));
}

const CONV3X3: &str = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|";

/// Stem and head as in the supernet; an operation of 3×3 is 9C² and two of affine BN.
fn nb201(convolutions: usize, c: usize, n: usize) -> usize {
    let cell = |c: usize| convolutions * (9 * c * c + 2 * c);
    let residual = |c: usize| 9 * c * 2 * c + 9 * 2 * c * 2 * c + 2 * (2 * 2 * c) + c * 2 * c;
    27 * c
        + 2 * c
        + n * (cell(c) + cell(2 * c) + cell(4 * c))
        + residual(c)
        + residual(2 * c)
        + 2 * 4 * c
        + 10 * 4 * c
        + 10
}

#[test]
fn nas_bench_201() {
    assert_eq!(count(SpaceName::Nb201, CONV3X3, |_| ()), nb201(6, 16, 5));
    assert_eq!(nb201(6, 16, 5), 1_531_546);
    // A 1×1 convolution with its BN is C² + 2C: 28,000 over all cells.
    let mixed = CONV3X3.replacen("nor_conv_3x3", "skip_connect", 1).replacen("nor_conv_3x3", "nor_conv_1x1", 1);
    assert_eq!(count(SpaceName::Nb201, &mixed, |_| ()), nb201(4, 16, 5) + 28_000);
    assert_eq!(nb201(4, 16, 5) + 28_000, 1_073_466);
    let one = "|none~0|+|skip_connect~0|avg_pool_3x3~1|+|nor_conv_3x3~0|none~1|none~2|";
    assert_eq!(count(SpaceName::Nb201, one, |_| ()), nb201(1, 16, 5));
}

#[test]
fn the_child_is_the_supernet_at_gates_of_0_and_1() {
    let text = "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|";
    let size = Settings { affine: true, ..small(SpaceName::Nb201) };
    let space = || Space::new(SpaceName::Nb201, size.clone()).unwrap();
    let one_shot = || Space::new(SpaceName::OneShot2, small(SpaceName::OneShot2)).unwrap();
    // The fifth node is NAS-Bench-1Shot1's, which nothing reads.
    let cell = "ModelSpec(matrix=[[0, 1, 1, 1, 0, 0, 1], [0, 0, 0, 0, 1, 0, 0], [0, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 1, 0, 1], \
                [0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]], ops=['input', 'conv3x3-bn-relu', 'maxpool3x3', \
                'conv1x1-bn-relu', 'conv3x3-bn-relu', 'conv1x1-bn-relu', 'output'])";
    for (space, text) in [(&space as &dyn Fn() -> Space, text), (&one_shot, cell)] {
        let genotype: Genotype = space().parse_genotype(text).unwrap();
        let (net, child) =
            (SpaceNet::new(space(), &place()).unwrap(), SpaceNet::child(space(), &genotype, &place()).unwrap());
        assert!(child.parameters().len() < net.parameters().len());
        let theta = net.initial_weights(3, &place()).unwrap();
        let lengths: Vec<i64> = net.parameters().iter().map(|p| p.len() as i64).collect();
        let pieces = theta.split_with_sizes(&lengths[..], 0);
        let own = child.parameters().iter().map(|p| {
            let there = net.parameters().iter().position(|q| q == p).unwrap();
            pieces[there].shallow_clone()
        });
        let own = tch::Tensor::cat(&own.collect::<Vec<_>>(), 0);
        let gates = space().gates_of(&genotype).unwrap();
        let z = place()
            .tensor(&gates.iter().copied().collect::<Vec<_>>(), &[gates.nrows() as i64, gates.ncols() as i64])
            .unwrap();
        let images = random(5, &[4, 3, 8, 8]);
        let logits = |net: &SpaceNet, theta: tch::Tensor| {
            let input = Input {
                images: &images,
                gates: &z,
                active: &net.gates().mask,
                normalisation: Normalisation::Batch,
                seed: 0,
                constants: None,
            };
            entries(&net.logits(&[theta], &input).unwrap())
        };
        let (there, here) = (logits(&net, theta), logits(&child, own));
        // What is not chosen adds exact zeros: to the last bit, but for the sign of a zero.
        crate::device::same(&there, &here, 10 * 4 * 64);
        assert!(here.iter().any(|x| x.abs() > 1e-3));
    }
}

#[test]
fn another_spaces_genotype_is_refused() {
    let space = Space::new(SpaceName::S2, small(SpaceName::S2)).unwrap();
    let genotype = space.parse_genotype(DARTS_V2).unwrap();
    let Err(error) = SpaceNet::child(space, &genotype, &place()) else { panic!("S2 has no dil_conv_3x3") };
    assert!(error.to_string().contains("dil_conv_3x3"), "{error}");
}
