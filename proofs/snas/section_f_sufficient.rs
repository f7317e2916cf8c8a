#![doc = include_str!("section-f-sufficient.md")]

decided!("snas.section-f-sufficient", Refuted => Holds);

use nasproof::claims::snas::resources::Kind;

/// One channel of $3\times3$: fewer parameters, more accesses. With seven channels the two have as many parameters, and from there on the order is one.
#[test]
fn the_counterexample_and_where_it_ends() {
    let (separable, dilated) = (Kind::Separable(3), Kind::Dilated(5));
    let (a, b) = (separable.count(1, 3), dilated.count(1, 3));
    assert_eq!((a.parameters, a.accesses, b.parameters, b.accesses), (20, 92, 26, 62));
    for channels in 1..=16 {
        let fewer = separable.count(channels, 2).parameters < dilated.count(channels, 2).parameters;
        assert_eq!(fewer, channels < 7, "{channels}");
    }
}
