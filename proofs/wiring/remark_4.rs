#![doc = include_str!("remark-4.md")]

decided!("wiring.remark-4", Holds);

/// $-d/(1+e^d)\ge-0.2785$: the least a correct example of two classes can cost.
#[test]
fn a_correct_example_gives_back_little() {
    let least = (1..400).map(|k| 0.02 * f64::from(k)).map(|d| -d / (1.0 + d.exp())).fold(0.0, f64::min);
    assert_eq!(format!("{least:.4}"), "-0.2785");
}
