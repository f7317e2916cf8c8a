//! Monte Carlo statistics of the cost $C=\partial L/\partial Z$ (`wiring`, Sec. 5.1).
//!
//! Mini-batches are drawn from a part of a data set; for each, one operation an edge is drawn uniformly and only it is run, with gate 1, or the
//! gates are fixed. The cost at every gate that is not 0 is averaged, and beside it the loss, the entropy of the predicted distribution
//! and the cost at the logits $L-H$, over all images and over those classified correctly and wrongly.

mod balance;
pub mod figure;
mod mean;
mod report;

pub use balance::{Balance, Balancer, MeanBalance};
pub use mean::Mean;
pub use report::{EdgeMean, Gate, Nodes, Part, csv};

use ndarray::Array2;

use super::{
    Error, Network, Normalisation, TensorVector, TorchSupernet, Wanted,
    data::{Augmentation, Images, bring, order},
    random::Purpose,
    run::GateChoice,
    train::Choice,
};
use crate::cost::cross_entropy::CrossEntropy;

/// What is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The gates: sampled, or fixed.
    pub choice: GateChoice,
    /// The fixed gates, E×O; not looked at where they are sampled.
    pub gates: Array2<f64>,
    /// Images of a mini-batch; all have as many, unless there are fewer in all.
    pub batch_size: usize,
    /// Mini-batches; `None` for as many as one pass over the part has.
    pub batches: Option<usize>,
    /// The seed of the order and of the gates.
    pub seed: u64,
    /// Which statistics batch normalisation takes.
    pub normalisation: Normalisation,
    /// How the images are shown, each pass over them otherwise; `None` for as they are.
    pub augmentation: Option<Augmentation>,
}

/// Loss, entropy and cost at the logits, each a mean.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Terms {
    /// $L$, in nats.
    pub loss: Mean,
    /// $H$, in nats.
    pub entropy: Mean,
    /// $L-H$, as $\langle\partial L/\partial Y,Y\rangle$.
    pub cost: Mean,
}

impl Terms {
    fn add(&mut self, loss: f64, entropy: f64, cost: f64) {
        self.loss.add(loss);
        self.entropy.add(entropy);
        self.cost.add(cost);
    }
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    /// The cost at each gate, E×O, over the mini-batches in which it was not 0.
    pub gates: Array2<Mean>,
    /// Over mini-batches.
    pub all: Terms,
    /// Over the images classified correctly. Images of a mini-batch share their gates: the standard errors take them for independent.
    pub correct: Terms,
    /// Over the images classified wrongly.
    pub wrong: Terms,
    /// Where the cost of the last cell comes from, for spaces in the skeleton of DARTS.
    pub balance: Option<MeanBalance>,
}

/// Measures the cost on the images of the given indices. `progress` is told the mini-batches done and to be done.
///
/// # Errors
/// [`Error`] of libtorch; [`Error::Other`] for logits that are not finite.
pub fn measure<N: Network>(
    supernet: &TorchSupernet<N>,
    weights: &TensorVector,
    (images, indices): (&Images, &[usize]),
    plan: &Plan,
    balancer: Option<&Balancer>,
    mut progress: impl FnMut(usize, usize),
) -> Result<Costs, Error> {
    let mask = &supernet.network().gates().mask;
    let size = plan.batch_size.clamp(1, indices.len().max(1));
    // The last mini-batch of a pass would be smaller, and its statistics others.
    let each = (indices.len() / size).max(1);
    let count = plan.batches.unwrap_or(each);
    let mut costs = Costs {
        gates: Array2::default(mask.dim()),
        all: Terms::default(),
        correct: Terms::default(),
        wrong: Terms::default(),
        balance: balancer.map(|_| MeanBalance::default()),
    };
    let mut shuffled = Vec::new();
    for i in 0..count {
        let (epoch, index) = ((i / each) as u64, i % each);
        if index == 0 {
            shuffled = order(indices, (plan.seed, epoch));
        }
        let chosen = &shuffled[index * size..(index + 1) * size];
        let augmentation = plan.augmentation.as_ref().map(|augmentation| (augmentation, (plan.seed, epoch)));
        let mini_batch = [bring(images, chosen, augmentation, supernet.place())?];
        let choice = Choice { purpose: Purpose::ProbeGates, seed: plan.seed, epoch, index: index as u64 };
        let (gates, active) = choice.of(&plan.choice, &plan.gates, mask);
        supernet.set_seed(choice.noise());
        let wanted = Wanted { logits: true, ..Wanted::COST };
        let pass = supernet.pass(weights, &gates, active.as_ref(), &mini_batch, plan.normalisation, wanted)?;
        let labels: Vec<usize> = chosen.iter().map(|&i| images.labels()[i]).collect();
        let missing = || Error::Other("a pass gave no logits or no cost".to_owned());
        let (logits, cost) = (pass.logits.first().ok_or_else(missing)?, pass.cost.as_ref().ok_or_else(missing)?);
        let judged = CrossEntropy::new(logits, &labels).map_err(|error| Error::Other(error.to_string()))?;
        costs.add(&gates, cost, &judged, balancer)?;
        progress(i + 1, count);
    }
    Ok(costs)
}

impl Costs {
    fn add(
        &mut self,
        gates: &Array2<f64>,
        cost: &Array2<f64>,
        judged: &CrossEntropy,
        balancer: Option<&Balancer>,
    ) -> Result<(), Error> {
        for ((at, mean), &gate) in self.gates.indexed_iter_mut().zip(gates) {
            if gate != 0.0 {
                mean.add(cost[at]);
            }
        }
        self.all.add(judged.loss(), judged.entropy(), judged.cost());
        for (terms, &correct) in judged.terms().iter().zip(judged.correct()) {
            let of = if correct { &mut self.correct } else { &mut self.wrong };
            of.add(terms.loss, terms.entropy, terms.cost);
        }
        if let (Some(balancer), Some(mean)) = (balancer, &mut self.balance) {
            let terms = balancer.of(gates, cost, judged).map_err(|error| Error::Other(error.to_string()))?;
            mean.add(&terms);
        }
        Ok(())
    }
}
