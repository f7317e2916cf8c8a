#![doc = include_str!("equation-38.md")]

decided!("snas.equation-38", Refuted => Holds);

use nasproof::claims::snas::resources::Layer;

/// The page's counterexample: two channels, one pixel, nine elements each.
#[test]
fn channels_are_pooled_apart() {
    let layer =
        Layer { height: 1, width: 1, filter_height: 3, filter_width: 3, inputs: 2, outputs: 2, groups: 2, stride: 1 };
    assert_eq!(layer.pooling().pooled, 18);
}
