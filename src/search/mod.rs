//! Search systems: each is a [relaxation](crate::relaxation) and a schedule, written once for every [`Supernet`].
//!
//! [`search`] runs the epochs, one [`epoch`] after the other: it deals out pairs of batches, lets the [`System`] take its step on each, keeps the [record](Epoch), and stops early when
//! the curvature in $\alpha$ says so. A system sees a [`Run`]: the supernet, the weights and $\alpha$ with their optimisers, and one way to evaluate
//! a draw. Adding a system is one file with an `impl System` and one line in `registry`; `examples/own_system.rs` adds one from outside, and the README
//! shows it. Which passes a step of each system makes is stated in `benches/common/passes.rs`, which a test holds them to.
//!
//! Every system starts from its published hyperparameters ([`Settings`]); all of them can be overridden.
//!
//! The $\alpha$-gradient each must satisfy, and what tests hold it to:
//!
//! | name | gradient |
//! |---|---|
//! | `darts-1st` | $\nabla_\alpha L_{\text{val}}(w,\alpha)$ |
//! | `darts-2nd`, `darts-2nd-exact` | $\nabla_\alpha L_{\text{val}}(w',\alpha)-\xi\nabla^2_{\alpha w}L_{\text{tr}}(w,\alpha)\nabla_{w'}L_{\text{val}}(w',\alpha)$, $w'=w-\xi(\mu v+\nabla L_{\text{tr}}+\text{decay}\,w)$ |
//! | `snas` | pathwise through the concrete relaxation, on the training batch that also moves $w$ |
//! | `dsnas` | $C_{es}\nabla\log p_{es}$, the same |
//! | `proxylessnas`, `proxylessnas-full` | $p_i(c_i-\sum_jp_jc_j)$ over two evaluated paths, then their mass restored, or over all of them |
//! | `pc-darts` | $\nabla_{(\alpha,\beta)}L_{\text{val}}$ at $\mathrm{softmax}(\beta)\,\mathrm{softmax}(\alpha)$ |
//! | `gdas`, `gdas-code` | hard forward, soft backward; the cost of what is not sampled 0, or $\langle\partial L/\partial y,\mathbf1\rangle$ |
//! | `drnas`, `drnas-kl` | implicit through the Dirichlet, and an [anchor](crate::relaxation::Anchor): distance or divergence |
//! | `sdarts-rs`, `sdarts-adv` | as `darts-1st`; $w$ moves at perturbed gates |
//! | `enas` | $-(R-b)\nabla\log p$ |
//! | `random-nas` | none |
//! | `setn` | as `darts-1st`; $w$ moves on uniform paths |
//!
//! ENAS, RandomNAS and SETN draw whole cells of the space ([`Layout::choices`]): where a node keeps some of its edges or parents, they choose these too. The others
//! leave every edge open. Numbers of a system's own, such as temperatures, are told and changed by name ([`numbers`], [`set`]).

mod batches;
mod candidates;
pub mod curvature;
mod darts;
mod driver;
mod drnas;
mod dsnas;
mod early_stop;
mod enas;
mod error;
mod gdas;
mod layout;
mod number;
mod pc_darts;
mod proxyless;
mod random_nas;
mod record;
mod registry;
mod run;
mod sdarts;
mod setn;
mod settings;
mod snas;
mod unrolled;

pub use batches::{Batches, Chunks};
pub use candidates::{best_of, likeliest};
pub use curvature::{AlphaHessian, Conditionals, Curvature, ENUMERATED, Kind, Landscape, Policy, expected_hessian};
pub use darts::{CrossProduct, Darts};
pub use driver::{Outcome, architecture, deal, epoch, generator, proposals, search};
pub use drnas::DrNas;
pub use dsnas::Dsnas;
pub use early_stop::{EarlyStopSettings, Stopped, stopped};
pub use enas::{Enas, EnasOptions};
pub use error::Error;
pub use gdas::Gdas;
pub use layout::Layout;
pub use number::{Number, Range, numbers, set};
pub use pc_darts::PcDarts;
pub use proxyless::ProxylessNas;
pub use random_nas::RandomNas;
pub use record::{Epoch, SplitRecord};
pub use registry::{NAMES, by_name, known};
pub use run::{Pair, Run, State};
pub use sdarts::{Sdarts, Threat};
pub use setn::Setn;
pub use settings::{Level, Settings};
pub use snas::Snas;
pub use unrolled::{Unrolled, unrolled};

use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::{
    problem::Supernet,
    relaxation::{one_hot, resource::Constraint, softmax},
};

/// A search system.
pub trait System<P: Supernet> {
    /// The name in files and on the command line.
    fn name(&self) -> &'static str;

    /// The published hyperparameters.
    fn settings(&self) -> Settings;

    /// What it is run with besides: temperatures, radii, numbers of candidates, as they are now, the published ones at first.
    fn numbers(&mut self) -> Vec<Number<'_>> {
        Vec::new()
    }

    /// The first $\alpha$: $10^{-3}\mathcal N(0,1)$, and $-\infty$ for what an edge does not have.
    fn start(&mut self, layout: &Layout, rng: &mut ChaCha8Rng) -> Result<Array2<f64>, Error> {
        Ok(initial_logits(layout, rng))
    }

    /// What the system itself remembers between epochs, for a search that is continued later; nothing but in ENAS, whose reward has a baseline.
    fn memory(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// Goes on with what [`System::memory`] gave, on the same layout, in the place of [`System::start`].
    ///
    /// # Errors
    /// [`Error::Memory`] when it is none of this system's.
    fn recall(&mut self, layout: &Layout, memory: &serde_json::Value) -> Result<(), Error> {
        let _ = (layout, memory);
        Ok(())
    }

    /// Adds the expectation of a resource constraint, rows of $\alpha\times O$, to what $\alpha$ minimises; whether the system has a place for it, as SNAS has.
    fn constrain(&mut self, constraint: Constraint) -> bool {
        let _ = constraint;
        false
    }

    /// One step on a pair of batches.
    ///
    /// # Errors
    /// [`Error`] when something stopped being finite, or a parameter of the system is out of range.
    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error>;

    /// By what operations are ranked, rows of $\alpha\times O$.
    fn strengths(&self, alpha: &Array2<f64>) -> Array2<f64> {
        softmax::gates(alpha)
    }

    /// The strengths of operations alone, where [`System::strengths`] also weigh edges against each other; none where they don't.
    fn operation_strengths(&self, alpha: &Array2<f64>) -> Option<Array2<f64>> {
        let _ = alpha;
        None
    }

    /// The gates that the record is taken at: the mixture for systems that train one, the strongest operation of each edge for those that sample.
    fn gates(&self, alpha: &Array2<f64>) -> Array2<f64> {
        self.strengths(alpha)
    }

    /// The validation loss as a function of $\alpha$ when `progress` of the search is done, for the curvature in the record; none where a system does
    /// not say, or nothing depends on $\alpha$.
    fn landscape(&self, alpha: &Array2<f64>, progress: f64) -> Option<Landscape> {
        let _ = (alpha, progress);
        None
    }

    /// Whether the strengths are $\mathrm{softmax}(\alpha)$, so that an edge with one finite logit has one gate.
    fn mixes_by_softmax(&self) -> bool {
        true
    }

    /// Whether the architecture is found by trying candidates in the end ([`System::architecture`]), and not by the strengths.
    fn tries_candidates(&self) -> bool {
        false
    }

    /// $K$, where only the first $1/K$ of the channels are to pass the operations of an edge; 1 for all.
    fn partial_channels(&self) -> usize {
        1
    }

    /// The cell in the end, gates of 0 and 1, rows of $\alpha\times O$; `judges` are validation batches for those that try candidates.
    ///
    /// # Errors
    /// [`Error`] when a loss is not finite.
    fn architecture(&mut self, run: &mut Run<'_, P>, judges: &[&P::Batch]) -> Result<Array2<f64>, Error> {
        let _ = judges;
        let choices = &run.layout.choices;
        Ok(choices.gates(&choices.strongest(&self.strengths(&run.alpha))))
    }
}

/// $10^{-3}\mathcal N(0,1)$ where there is an operation, $-\infty$ where there is none.
pub fn initial_logits(layout: &Layout, rng: &mut ChaCha8Rng) -> Array2<f64> {
    layout.present.mapv(|on| {
        let x: f64 = StandardNormal.sample(rng);
        if on { 1e-3 * x } else { f64::NEG_INFINITY }
    })
}

/// The first of the largest entries of each row.
pub fn strongest(strengths: &Array2<f64>) -> Vec<usize> {
    let largest = |best: (usize, f64), (o, &x): (usize, &f64)| if x > best.1 { (o, x) } else { best };
    strengths.rows().into_iter().map(|row| row.iter().enumerate().fold((0, f64::NEG_INFINITY), largest).0).collect()
}

/// One-hot gates of the strongest operations.
pub(crate) fn hardened(strengths: &Array2<f64>) -> Array2<f64> {
    one_hot(strengths.ncols(), &strongest(strengths))
}
