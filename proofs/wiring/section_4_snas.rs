#![doc = include_str!("section-4-snas.md")]

use dashu_ratio::RBig;

decided!("wiring.section-4-snas", Refuted => Holds);

/// The example of the text as integrals of polynomials, in fractions.
#[test]
fn a_uniform_gate() {
    let moment = |k: u32| RBig::ONE / RBig::from(k + 1);
    let left = moment(2) - moment(3);
    let right = RBig::from(2) * moment(3) - moment(2);
    assert_eq!(left, RBig::ONE / RBig::from(12));
    assert_eq!(right, RBig::from(2) * &left);
    // With the loss s²/2 in the bracket they agree.
    assert_eq!((RBig::from(2) * moment(3) - moment(2)) / RBig::from(2), left);
}
