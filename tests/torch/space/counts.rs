//! The number of parameters of every published supernet, against hand counts from its layers' shapes.

use nasproof::{
    space::{Settings, Space, SpaceName},
    torch::{Network, Parameter, SpaceNet},
};

use super::common::place;

fn count(name: SpaceName, change: impl FnOnce(&mut Settings)) -> usize {
    let mut settings = Settings::published(name);
    change(&mut settings);
    let net = SpaceNet::new(Space::new(name, settings).unwrap(), &place()).unwrap();
    net.parameters().iter().map(Parameter::len).sum()
}

/// Stem 3→C 3×3 with affine BN; 6 edges of C² + 9C² a cell; residual blocks C→2C with two affine BN; affine BN; classifier.
/// NAS-Bench-201's search networks are quoted with 1.69 M parameters at N = 5.
fn nb201(c: usize, n: usize) -> usize {
    let cell = |c: usize| 6 * (c * c + 9 * c * c);
    let residual = |c: usize| 9 * c * 2 * c + 9 * 2 * c * 2 * c + 2 * (2 * 2 * c) + c * 2 * c;
    let stem = 27 * c + 2 * c;
    stem + n * (cell(c) + cell(2 * c) + cell(4 * c)) + residual(c) + residual(2 * c) + 2 * 4 * c + 10 * 4 * c + 10
}

#[test]
fn nas_bench_201() {
    assert_eq!(count(SpaceName::Nb201, |_| ()), nb201(16, 5));
    assert_eq!(nb201(16, 5), 1_686_106);
    assert_eq!(count(SpaceName::Nb201, |s| s.cells = 1), nb201(16, 1));
    assert_eq!(nb201(16, 1), 395_866);
}

/// The weights of one edge of DARTS with all eight operations, at stride 1: sep = 2(k²C + C²), dil = k²C + C².
fn darts_edge(c: usize) -> usize {
    2 * (9 * c + c * c) + 2 * (25 * c + c * c) + (9 * c + c * c) + (25 * c + c * c)
}

/// A skip of stride 2 adds the factorised reduction: two convolutions C → C/2.
fn darts(c: usize) -> usize {
    // Eight cells; 2 and 5 reduce. Channels C, C, 2C, 2C, 2C, 4C, 4C, 4C; outputs have four times as many.
    let channels = [c, c, 2 * c, 2 * c, 2 * c, 4 * c, 4 * c, 4 * c];
    let mut total = 27 * 3 * c + 2 * 3 * c;
    for (i, &now) in channels.iter().enumerate() {
        let output = |i: Option<usize>| i.map_or(3 * c, |i| 4 * channels[i]);
        total += output(i.checked_sub(2)) * now + output(i.checked_sub(1)) * now;
        total += 14 * darts_edge(now) + if i == 2 || i == 5 { 8 * now * now } else { 0 };
    }
    total + 10 * 16 * c + 10
}

#[test]
fn darts_has_1_93_million() {
    assert_eq!(count(SpaceName::Darts, |_| ()), darts(16));
    assert_eq!(darts(16), 1_930_618);
}
