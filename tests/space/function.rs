//! What a NAS-Bench-201 cell computes, as a term.

use std::collections::{BTreeMap, BTreeSet};

use nasproof::space::Nb201Genotype;

const NAMES: [&str; 5] = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];

fn cell(index: usize) -> [usize; 6] {
    [0u32, 1, 2, 3, 4, 5].map(|place| index / 5usize.pow(place) % 5)
}

fn genotype(operations: [usize; 6]) -> Nb201Genotype {
    let [a, b, c, d, e, f] = operations.map(|o| NAMES[o]);
    format!("|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|").parse().unwrap()
}

/// The value of the cell at a point, exactly, where operations are cubics over a prime field that are 0 at 0: two functions that differ there agree with a
/// probability of about degree / prime, 27 / 2^61.
fn value([a, b, c, d, e, f]: [usize; 6], x: u128) -> u128 {
    const PRIME: u128 = (1 << 61) - 1;
    let apply = |operation: usize, x: u128| match operation {
        0 => 0,
        1 => x,
        _ => (x * x % PRIME * x % PRIME * (0x5_dead_beef + operation as u128) + x * (977 << operation)) % PRIME,
    };
    let one = apply(a, x);
    let two = (apply(b, x) + apply(c, one)) % PRIME;
    (apply(d, x) + apply(e, one) + apply(f, two)) % PRIME
}

#[test]
fn terms_are_equal_where_functions_are() {
    let (mut by_term, mut values) = (BTreeMap::new(), BTreeSet::new());
    for index in 0..5usize.pow(6) {
        let value = value(cell(index), 0x1234_5678_9abc_def1);
        values.insert(value);
        let first = *by_term.entry(genotype(cell(index)).function()).or_insert(value);
        assert_eq!(first, value, "{}", genotype(cell(index)));
    }
    assert_eq!(by_term.len(), values.len());
    assert_eq!(values.len(), 4930);
}

#[test]
fn values_by_hand() {
    let function = |operations| genotype(operations).function();
    assert_eq!(function([0; 6]), "0");
    // Paths from 0 to 3: directly, through 1, through 2, and through both.
    assert_eq!(function([1; 6]), "x + x + x + x");
    assert_eq!(function([3, 0, 1, 0, 0, 2]), "nor_conv_1x1(nor_conv_3x3(x))");
    // Node 2 = x + conv(x), passed on, and pooled.
    assert_eq!(function([3, 1, 1, 0, 4, 1]), "avg_pool_3x3(nor_conv_3x3(x)) + nor_conv_3x3(x) + x");
    assert_eq!(function([1, 0, 0, 0, 4, 0]), function([0, 1, 0, 0, 0, 4]));
}
