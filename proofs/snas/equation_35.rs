#![doc = include_str!("equation-35.md")]

decided!("snas.equation-35", Holds);

use nasproof::claims::snas::resources::Layer;

/// The page's number, and what groups are for: with as many groups as channels a filter sees one channel.
#[test]
fn groups_divide_what_a_filter_sees() {
    let layer = |groups| Layer {
        height: 2,
        width: 3,
        filter_height: 3,
        filter_width: 3,
        inputs: 4,
        outputs: 4,
        groups,
        stride: 1,
    };
    assert_eq!([1, 2, 4].map(|g| layer(g).convolution().parameters), [144, 72, 36]);
}
