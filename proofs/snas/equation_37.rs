#![doc = include_str!("equation-37.md")]

decided!("snas.equation-37", Refuted => Holds);

use nasproof::claims::snas::resources::Layer;

/// The page's counterexample, and the same layer at stride one, where the formula is right.
#[test]
fn the_input_is_larger_than_the_output() {
    let layer = |stride| Layer {
        height: 1,
        width: 1,
        filter_height: 3,
        filter_width: 3,
        inputs: 1,
        outputs: 1,
        groups: 1,
        stride,
    };
    assert_eq!([1, 2].map(|s| layer(s).convolution().accesses), [11, 14]);
}
