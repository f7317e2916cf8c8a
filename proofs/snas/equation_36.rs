#![doc = include_str!("equation-36.md")]

decided!("snas.equation-36", Refuted => Holds);

use nasproof::claims::snas::resources::Layer;

/// The page's counterexample: two multiplications and one addition.
#[test]
fn products_are_added_too() {
    let one =
        Layer { height: 1, width: 1, filter_height: 1, filter_width: 1, inputs: 2, outputs: 1, groups: 1, stride: 1 };
    assert_eq!((one.convolution().multiplications, one.convolution().additions), (2, 1));
}
