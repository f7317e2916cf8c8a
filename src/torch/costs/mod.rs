//! Monte Carlo statistics of the cost $C=\partial L/\partial Z$ (`wiring`, Sec. 5.1).
//!
//! Mini-batches are drawn from a part of a data set; for each, one operation an edge is drawn uniformly and only it is run, with gate 1, or the
//! gates are fixed. The cost at every gate that is not 0 is averaged, and beside it the loss, the entropy of the predicted distribution
//! and the cost at the logits $L-H$, over all images and over those classified correctly and wrongly.
//!
//! # By classification
//! $L=\frac1N\sum_i\ell_i$ over the $N$ images of a mini-batch, of which $N_c$ belong to a class $c$ (correct, wrong). What the class costs is stated
//! **per image of the class**, $C^c=\frac1{N_c}\sum_{i\in c}\partial\ell_i/\partial Z$, as $L$, $H$ and $L-H$ of the class are, and as a mean over all images of the
//! class in the mini-batches that ran the gate: so
//! $$C=\frac{N_\text{correct}}N\,C^\text{correct}+\frac{N_\text{wrong}}N\,C^\text{wrong},$$
//! of a mini-batch and of the means, the counts being those of all its images. $\partial\ell_i/\partial Z$ is taken within the mini-batch: where its statistics
//! normalise, they are those of all its images. One forward pass and two backward passes a mini-batch ([`TorchSupernet::split_cost`]), which
//! take 1.4 times as long as one of each (`benches/torch_hessian.rs`).

mod balance;
pub mod figure;
mod mean;
mod report;

pub use balance::{Balance, Balancer, MeanBalance, NoBalance};
pub use mean::{Mean, PerImage};
pub use report::{EdgeMean, Gate, Nodes, Part, csv};

use ndarray::Array2;

use super::{
    Error, Network, Normalisation, SplitCost, TensorVector, TorchSupernet,
    data::{Augmentation, Images, bring, order},
    random::Purpose,
    run::GateChoice,
    train::Choice,
};
use crate::cost::cross_entropy::{CrossEntropy, CrossEntropyError};

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

impl Plan {
    /// The images of each mini-batch of a part that has so many: no more than it has.
    pub fn size(&self, images: usize) -> usize {
        self.batch_size.clamp(1, images.max(1))
    }
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

/// The cost at a gate, over the mini-batches in which it was not 0.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct GateCost {
    /// $\partial L/\partial Z$, a mean over mini-batches.
    pub all: Mean,
    /// Per image classified correctly.
    pub correct: PerImage,
    /// Per image classified wrongly.
    pub wrong: PerImage,
}

/// Where the cost of the last cell comes from.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Balances {
    /// Of $L$, a mean over mini-batches.
    pub all: MeanBalance,
    /// Per image classified correctly.
    pub correct: MeanBalance<PerImage>,
    /// Per image classified wrongly.
    pub wrong: MeanBalance<PerImage>,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    /// The images of each mini-batch.
    pub batch_size: usize,
    /// The cost at each gate, E×O.
    pub gates: Array2<GateCost>,
    /// Over mini-batches.
    pub all: Terms,
    /// Over the images classified correctly. Images of a mini-batch share their gates: the standard errors take them for independent.
    pub correct: Terms,
    /// Over the images classified wrongly.
    pub wrong: Terms,
    /// Where the cost of the last cell comes from, or why that is not told.
    pub balance: Result<Balances, NoBalance>,
}

/// Measures the cost on the images of the given indices. `progress` is told the mini-batches done and to be done.
///
/// # Errors
/// [`Error`] of libtorch; [`Error::NotFinite`] for logits that are not finite.
pub fn measure<N: Network>(
    supernet: &TorchSupernet<N>,
    weights: &TensorVector,
    (images, indices): (&Images, &[usize]),
    plan: &Plan,
    balancer: &Result<Balancer, NoBalance>,
    mut progress: impl FnMut(usize, usize),
) -> Result<Costs, Error> {
    let mask = &supernet.network().gates().mask;
    let size = plan.size(indices.len());
    // The last mini-batch of a pass would be smaller, and its statistics others.
    let each = (indices.len() / size).max(1);
    let count = plan.batches.unwrap_or(each);
    let mut costs = Costs {
        batch_size: size,
        gates: Array2::default(mask.dim()),
        all: Terms::default(),
        correct: Terms::default(),
        wrong: Terms::default(),
        balance: balancer.as_ref().map(|_| Balances::default()).map_err(|why| *why),
    };
    let mut shuffled = Vec::new();
    for i in 0..count {
        let (epoch, index) = ((i / each) as u64, i % each);
        if index == 0 {
            shuffled = order(indices, (plan.seed, epoch));
        }
        let chosen = &shuffled[index * size..(index + 1) * size];
        let augmentation = plan.augmentation.as_ref().map(|augmentation| (augmentation, (plan.seed, epoch)));
        let mini_batch = bring(images, chosen, augmentation, supernet.place())?;
        let choice = Choice { purpose: Purpose::ProbeGates, seed: plan.seed, epoch, index: index as u64 };
        let (gates, active) = choice.of(&plan.choice, &plan.gates, mask);
        supernet.set_seed(choice.noise());
        let labels: Vec<usize> = chosen.iter().map(|&i| images.labels()[i]).collect();
        let judge = |logits: &Array2<f64>| CrossEntropy::new(logits, &labels).map_err(refused);
        let correct = |logits: &Array2<f64>| judge(logits).map(|judged| judged.correct().to_vec());
        let (at, run) = (plan.normalisation, active.as_ref());
        let split = supernet.split_cost(weights, &gates, run, &mini_batch, at, correct)?;
        costs.add(&gates, &split, &judge(&split.logits)?, balancer)?;
        progress(i + 1, count);
    }
    Ok(costs)
}

fn refused(error: CrossEntropyError) -> Error {
    match error {
        CrossEntropyError::NotFinite { .. } => Error::NotFinite(error.to_string()),
        _ => Error::Other(error.to_string()),
    }
}

impl Costs {
    fn add(
        &mut self,
        gates: &Array2<f64>,
        split: &SplitCost,
        judged: &CrossEntropy,
        balancer: &Result<Balancer, NoBalance>,
    ) -> Result<(), Error> {
        let cost = &split.parts[0] + &split.parts[1];
        let of_class = |which: bool| {
            let images = split.chosen.iter().filter(|&&answer| answer == which).count();
            // From a share of the mini-batch to the mean over the class.
            (&split.parts[usize::from(!which)] * (split.chosen.len() as f64 / images.max(1) as f64), images as u64)
        };
        let ((correct, right), (wrong, mistaken)) = (of_class(true), of_class(false));
        for ((at, means), &gate) in self.gates.indexed_iter_mut().zip(gates) {
            if gate != 0.0 {
                means.all.add(cost[at]);
                means.correct.add(correct[at], right);
                means.wrong.add(wrong[at], mistaken);
            }
        }
        self.all.add(judged.loss(), judged.entropy(), judged.cost());
        for (terms, &correct) in judged.terms().iter().zip(judged.correct()) {
            let of = if correct { &mut self.correct } else { &mut self.wrong };
            of.add(terms.loss, terms.entropy, terms.cost);
        }
        if let (Ok(balancer), Ok(means)) = (balancer, &mut self.balance) {
            means.all.add(&balancer.of(gates, &cost, judged).map_err(refused)?);
            let of =
                |cost, which| balancer.of_images(gates, cost, judged, |i| split.chosen[i] == which).map_err(refused);
            means.correct.add(&of(&correct, true)?, right);
            means.wrong.add(&of(&wrong, false)?, mistaken);
        }
        Ok(())
    }
}
