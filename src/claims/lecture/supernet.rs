#![doc = include_str!("../../../proofs/lecture/time.md")]
#![doc = include_str!("../../../proofs/lecture/skip.md")]

use dashu_ratio::RBig;
use proptest::{collection::vec, prelude::*};
use serde::Serialize;

use crate::{
    claims::{Check, Claim, Control, Exactly, Identity, LimitPoint, Measure, Sides, Statement},
    enclosure::{Symbolic, Undefined, lift, numbers, sum},
};

/// What the operations of an edge take, and the one that a standard network has.
#[derive(Debug, Clone, Serialize)]
struct Edge {
    costs: Vec<f64>,
    chosen: usize,
}

fn edges() -> impl Strategy<Value = Edge> {
    (2usize..=8).prop_flat_map(|k| {
        (vec((0u8..=16).prop_map(f64::from), k), 0..k).prop_map(|(costs, chosen)| Edge { costs, chosen })
    })
}

/// $K$ times the mean over the networks whose operation on this edge is any of them, each as likely, and $K$ times a network where all operations take what its
/// own takes; $K$ less `fewer`.
struct Times {
    fewer: i32,
}

impl Identity for Times {
    type Case = Edge;

    fn sides<F: Symbolic>(&self, edge: &Edge) -> Result<Sides<F>, Undefined> {
        let costs: Vec<F> = numbers(&edge.costs)?;
        let (own, count) = (costs[edge.chosen].clone(), F::integer(costs.len() as i32));
        let mean = costs.iter().map(|c| c.over(&count)).collect::<Result<Vec<F>, _>>()?;
        let times = count - F::integer(self.fewer);
        let alike = sum(costs.iter().map(|_| own.clone()));
        Ok(vec![[sum(costs), times.clone() * sum(mean)], [alike, times * own]])
    }
}

/// How much slower a supernet is.
pub fn time() -> Claim {
    const OVER: &str = "edges of up to eight operations";
    let times = |fewer| Check::identity(OVER, edges(), Times { fewer });
    Claim {
        id: "lecture.time",
        source: "lecture, Complexity of DARTS",
        hypotheses: &[
            "time (or memory) of a network: the sum over its edges of what the operations there take",
            "standard training: of any network of the space",
        ],
        printed: Statement::refuted(
            "Supernet is a network with K operations with each edge ⇒ only K times slower than standard training; K times memory consumption",
            Check::exact(OVER, edges(), |edge| {
                let costs = lift::<RBig>(&edge.costs)?;
                Ok(Exactly::at_most(&costs.sum(), &(RBig::from(costs.len()) * &costs[edge.chosen])))
            }),
        ),
        corrected: Some(Statement::holds(
            "the supernet takes K times the mean over the networks of the space, and K times a given network when all operations of an edge take the same",
            times(0),
        )),
        control: Some(Control::new("K − 1 times", times(1))),
        proof: include_str!("../../../proofs/lecture/time.md"),
    }
}

/// A scalar supernet of layers $a_sx+(1-a_s)w_\ell x$ that is to multiply by a target, and variances of two estimators.
#[derive(Debug, Clone, Serialize)]
struct Layers {
    /// $\alpha_{skip}$ after the softmax.
    skip: f64,
    /// $\operatorname{var}(o-m^\ast)$.
    convolution: f64,
    /// $L^2\operatorname{var}(x-m^\ast)$.
    identity: f64,
}

fn layers() -> impl Strategy<Value = Layers> {
    let positive = || (1u8..=8).prop_map(f64::from);
    ((1u8..=7).prop_map(|k| f64::from(k) / 8.0), positive(), positive())
        .prop_map(|(skip, convolution, identity)| Layers { skip, convolution, identity })
}

impl Layers {
    /// $\alpha_{conv}$ of the mixture of least error as $t=1/L\to0$, $\operatorname{var}(x-m^\ast)=$ `shrinks(t)` times the constant.
    fn weight(&self, shrinks: impl Fn(f64) -> f64) -> Measure {
        let points: Vec<LimitPoint> = (3..=9)
            .map(|n| 0.5f64.powi(n))
            .map(|t| {
                let identity = self.identity * shrinks(t);
                // a² var(o − m*) + (1 − a)² var(x − m*) is least where a var(o − m*) = (1 − a) var(x − m*).
                let a = identity / (identity + self.convolution);
                LimitPoint { t, error: a, kept: 1.0, rounding: f64::EPSILON * a }
            })
            .collect();
        Measure::limit(&points)
    }
}

/// Skip domination.
pub fn skip() -> Claim {
    Claim {
        id: "lecture.skip",
        source: "lecture, Reason 2: Skip connection domination",
        hypotheses: &[
            "an optimal supernet: one of least loss; layers a x + (1 − a) w x with free weights w are drawn, which reach loss 0 for every a",
            "nothing else is printed of the operations",
        ],
        printed: Statement::refuted(
            "for the optimal supernet, as number of layers goes to infinity, α_skip ↑ 1 and α_conv ↓ 0",
            Check::new(layers(), |case| {
                let points: Vec<LimitPoint> = (3..=9)
                    .map(|n| 0.5f64.powi(n))
                    // Target 2 by 1/t layers: w = (2^t − a)/(1 − a) has loss 0 at this a, whatever t.
                    .map(|t| LimitPoint { t, error: 1.0 - case.skip, kept: 1.0, rounding: f64::EPSILON })
                    .collect();
                Measure::limit(&points).with("alpha_skip", case.skip)
            }),
        ),
        corrected: Some(Statement::holds(
            "if skip x and convolution o estimate the optimal feature map m* with uncorrelated errors, the best mixture has α_conv = var(x − m*)/(var(x − m*) + var(o − m*)), which tends to 0 if var(x − m*)/var(o − m*) does, as with var(x − m*) ∼ 1/L² and var(o − m*) bounded below",
            Check::new(layers(), |case| case.weight(|t| t * t)),
        )),
        control: Some(Control::new(
            "var(x − m*) not falling with the depth",
            Check::new(layers(), |case| case.weight(|_| 1.0)),
        )),
        proof: include_str!("../../../proofs/lecture/skip.md"),
    }
}
