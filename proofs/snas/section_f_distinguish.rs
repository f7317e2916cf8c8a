#![doc = include_str!("section-f-distinguish.md")]

decided!("snas.section-f-distinguish", Refuted => Holds);

use nasproof::claims::snas::resources::Kind;

/// The page's numbers, on 8 channels of $3\times3$.
#[test]
fn what_each_criterion_sees() {
    let of = |kind: Kind| kind.count(8, 3);
    assert_eq!((of(Kind::None).pooled, of(Kind::None).accesses), (0, 0));
    assert_eq!((of(Kind::Skip).pooled, of(Kind::Skip).accesses), (0, 2 * 9 * 8));
    assert_eq!((of(Kind::Pool).pooled, of(Kind::Pool).accesses), (9 * 9 * 8, 2 * 9 * 8));
    let separable = of(Kind::Separable(3));
    assert_eq!(separable.parameters, 2 * (9 * 8 + 64));
    assert_eq!(separable.accesses, 8 * 9 * 8 + separable.parameters);
}
