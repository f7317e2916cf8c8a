use nasproof::search::EarlyStopSettings;
use rand::RngExt;

use crate::problems::rng;

/// The rule from its definition, looking at the whole history: the mean of epochs $t-2..t+2$ is the average at $t$.
fn oracle(eigenvalues: &[f64]) -> Option<(usize, usize)> {
    let average = |t: usize| {
        let (first, last) = (t.saturating_sub(2), t + 2);
        eigenvalues[first..=last].iter().sum::<f64>() / (last + 1 - first) as f64
    };
    (16..eigenvalues.len()).find_map(|epoch| {
        let (now, then) = (epoch - 2, epoch - 6);
        (average(now) / average(then) > 1.3).then_some((epoch, then))
    })
}

fn first_stop(eigenvalues: &[f64]) -> Option<(usize, usize)> {
    let rule = EarlyStopSettings::default();
    (0..eigenvalues.len()).find_map(|epoch| rule.kept(&eigenvalues[..=epoch]).map(|kept| (epoch, kept)))
}

#[test]
fn growth_stops_the_search_and_the_earlier_architecture_is_kept() {
    let mut rng = rng(1);
    let mut stops = 0;
    for growth in [1.0, 1.03, 1.06, 1.08, 1.2] {
        for _ in 0..20 {
            let mut value = 0.1;
            let eigenvalues: Vec<f64> = (0..50)
                .map(|_| {
                    value *= growth * rng.random_range(0.9..1.1f64);
                    value
                })
                .collect();
            let expected = oracle(&eigenvalues);
            assert_eq!(first_stop(&eigenvalues), expected);
            stops += usize::from(expected.is_some());
        }
    }
    assert!((30..100).contains(&stops), "{stops} of 100");
}

/// Growth by a factor $g$ an epoch multiplies the average by $g^4$: 1.3 lies between $1.06^4$ and $1.07^4$.
#[test]
fn the_threshold_is_a_growth_of_thirty_percent_over_four_epochs() {
    let geometric = |g: f64| (0..50).map(|t| g.powi(t)).collect::<Vec<_>>();
    assert_eq!(first_stop(&geometric(1.06)), None);
    assert_eq!(first_stop(&geometric(1.07)), Some((16, 10)));
}
