#![doc = include_str!("section-5.2-trend.md")]

decided!("wiring.section-5.2-trend", Refuted => Holds);

/// Descent in time: $\dot d=2/(1+e^d)$ takes the margin from $-3$ past $d^\ast$; the cost has one minimum on the way.
#[test]
fn one_minimum_on_the_way() {
    let mut d = -3.0f64;
    let costs: Vec<f64> = (0..4000)
        .map(|_| {
            d += 0.01 * 2.0 / (1.0 + d.exp());
            -d / (1.0 + d.exp())
        })
        .collect();
    let turns = costs.windows(3).filter(|w| w[0] > w[1] && w[1] < w[2]).count();
    assert_eq!(turns, 1);
    assert!(costs[costs.len() - 1] < 0.0 && costs[costs.len() - 1] > costs.iter().copied().fold(0.0, f64::min));
}
