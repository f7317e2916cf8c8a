//! What every criterion selects from one trained supernet.

use std::time::{Duration, Instant};

use ndarray::Array2;

use super::{Criterion, Dealt, SearchError, cause};
use crate::{
    criterion::{
        Estimator, NodeDecision, PtSettings, Refused, Selection, Site, darts_pt, darts_pt_edges, edges_can_go, tunings,
    },
    linalg::Vector,
    optimiser::{Moments, Schedule},
    problem::{Hessian, Supernet},
    search::{self, Layout, State, generator},
    space::{Decision, Space},
    taylor::InverseHessian,
    torch::{
        MiniBatch, Normalisation, Place, SpaceNet, TorchSupernet,
        data::{Data, Split, bring, order},
        run::{Run, RunError, TorchSystem},
        take_error,
    },
};

/// What the criteria are taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judging {
    /// Mini-batches of each part.
    pub batches: usize,
    /// Images of each.
    pub batch_size: usize,
    /// Epochs of tuning between two decisions of DARTS-PT.
    pub tuning: usize,
    /// The seed of the mini-batches and of DARTS-PT.
    pub seed: u64,
}

/// What a criterion says.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Larger means keep; rows of $\alpha\times O$, $-\infty$ where there is no operation.
    pub strengths: Array2<f64>,
    /// What the genotype opens of each row: one operation, some parents, or nothing of an edge that goes.
    pub selected: Vec<Vec<usize>>,
    /// In the notation of the space.
    pub genotype: String,
    /// The choice of edges, where DARTS-PT made one.
    pub edges: Vec<NodeDecision>,
}

/// A criterion that says nothing here: the estimator refused, or the criterion does not fit the system.
#[derive(Debug, thiserror::Error)]
pub enum Unselected {
    /// Why the mathematics refused.
    #[error("{0}")]
    Refused(String),
    /// Anything else.
    #[error(transparent)]
    Search(#[from] SearchError),
}

/// What an inverse gave, and how long it took.
pub type Timely = (Result<Verdict, Unselected>, Duration);

fn refused(error: Refused) -> Unselected {
    match take_error() {
        Some(cause) => Unselected::Search(cause.into()),
        None => Unselected::Refused(error.reason),
    }
}

/// An inverse, and how long it took.
struct Timed {
    inverse: Estimator,
    spent: Duration,
}

impl<P: Supernet> InverseHessian<P> for Timed {
    type Error = Refused;

    fn solve(&mut self, at: &Hessian<'_, P>, vs: &[P::Vector]) -> Result<Vec<P::Vector>, Refused> {
        let start = Instant::now();
        let solved = self.inverse.solve(at, vs);
        self.spent += start.elapsed();
        solved
    }
}

/// A trained supernet, ready to be judged.
pub struct Judge<'a> {
    run: &'a Run,
    data: &'a Data,
    split: &'a Split,
    place: &'a Place,
    judging: Judging,
    layout: Layout,
    supernet: TorchSupernet<&'a SpaceNet>,
    training: Vec<MiniBatch>,
    held_out: Vec<MiniBatch>,
}

impl<'a> Judge<'a> {
    /// The first mini-batches of each part, in an order that the seed decides.
    ///
    /// # Errors
    /// [`SearchError`]: no search, or libtorch.
    pub fn new(
        run: &'a Run,
        (data, split): (&'a Data, &'a Split),
        place: &'a Place,
        judging: Judging,
    ) -> Result<Self, SearchError> {
        if run.search.is_none() {
            return Err(RunError::NotASearch(run.folder().to_owned()).into());
        }
        let batches = |indices: &[usize]| {
            let order = order(indices, (judging.seed, 0));
            let chunks = order.chunks(judging.batch_size).take(judging.batches);
            chunks.map(|chunk| bring(&data.training, chunk, None, place)).collect::<Result<Vec<_>, _>>()
        };
        let layout = Layout::of_space(run.network.space())?;
        let supernet = TorchSupernet::new(&run.network, *place, Normalisation::Batch)?;
        let (training, held_out) = (batches(&split.training)?, batches(&split.held_out)?);
        Ok(Self { run, data, split, place, judging, layout, supernet, training, held_out })
    }

    /// What a criterion selects.
    ///
    /// # Errors
    /// [`Unselected`].
    pub fn select(&self, criterion: Criterion) -> Result<Verdict, Unselected> {
        if let Criterion::DartsPt { fixed } = criterion {
            return Ok(self.perturbed(fixed)?);
        }
        let gates = self.strengths()?;
        let site = self.site(&gates);
        let strengths = match criterion {
            Criterion::Influence(mut inverse) => site.influence(&mut inverse).map_err(refused)?,
            Criterion::InfluentialMagnitude(mut inverse) => {
                site.influential_magnitude(&mut inverse).map_err(refused)?
            }
            Criterion::Perturbation => site.perturbation(),
            Criterion::Magnitude | Criterion::DartsPt { .. } => {
                let mut strengths = gates.clone();
                let absent = self.layout.present.mapv(|on| !on);
                strengths.zip_mut_with(&absent, |x, &absent| *x = if absent { f64::NEG_INFINITY } else { *x });
                strengths
            }
        };
        self.verdict(strengths)
    }

    /// What DARTS-IF selects with each of some inverses, in one pass over the operations ([`Site::influence_by`]), and how long each inverse took by itself.
    /// `done` is called after each operation.
    ///
    /// # Errors
    /// [`SearchError`]; a refusal is of its inverse alone.
    pub fn influences(&self, estimators: &[Estimator], done: impl FnMut()) -> Result<Vec<Timely>, SearchError> {
        let gates = self.strengths()?;
        let mut timed: Vec<Timed> =
            estimators.iter().map(|&inverse| Timed { inverse, spent: Duration::ZERO }).collect();
        let found = self.site(&gates).influence_by(&mut timed, done);
        let verdicts = found.into_iter().map(|found| found.map_err(refused).and_then(|scores| self.verdict(scores)));
        Ok(verdicts.zip(timed.iter().map(|timed| timed.spent)).collect())
    }

    /// What the system mixes by.
    fn strengths(&self) -> Result<Array2<f64>, SearchError> {
        let (system, alpha) = self.system()?;
        Ok(system.strengths(&alpha))
    }

    fn site<'b>(&'b self, gates: &'b Array2<f64>) -> Site<'b, TorchSupernet<&'a SpaceNet>> {
        Site {
            problem: &self.supernet,
            layout: &self.layout,
            weights: &self.run.theta,
            gates,
            training: &self.training[..],
            judge: &self.held_out[..],
        }
    }

    /// What strengths select, where nothing failed on the way to them.
    fn verdict(&self, strengths: Array2<f64>) -> Result<Verdict, Unselected> {
        take_error().map_or(Ok(()), Err).map_err(SearchError::from)?;
        let genotype = self.space().derive(&strengths).map_err(SearchError::from)?.to_string();
        Ok(Verdict { selected: self.selected(&strengths), strengths, genotype, edges: Vec::new() })
    }

    /// What the cell of the strongest opens of each row.
    fn selected(&self, strengths: &Array2<f64>) -> Vec<Vec<usize>> {
        let mut out = vec![Vec::new(); strengths.nrows()];
        self.layout.choices.strongest(strengths).into_iter().for_each(|(row, column)| out[row].push(column));
        out.iter_mut().for_each(|columns| columns.sort_unstable());
        out
    }

    fn space(&self) -> &Space {
        self.run.network.space()
    }

    /// The system as the search left it, with its $\alpha$.
    fn system(&self) -> Result<(TorchSystem<'a>, Array2<f64>), SearchError> {
        let (Some(settings), Some(searched)) = (&self.run.settings.search, &self.run.search) else {
            return Err(RunError::NotASearch(self.run.folder().to_owned()).into());
        };
        let mut system = settings.system()?;
        system.recall(&self.layout, &searched.memory)?;
        Ok((system, searched.alpha.clone()))
    }

    /// DARTS-PT on a copy of the weights: its optimisers start anew once, the rate of the weights from a tenth of that of the search and over all tuning.
    fn perturbed(&self, fixed: bool) -> Result<Verdict, SearchError> {
        let (mut system, alpha) = self.system()?;
        let Some(mut settings) = self.run.settings.searching() else {
            return Err(RunError::NotASearch(self.run.folder().to_owned()).into());
        };
        let choices = self.space().choices();
        let keep = choices.decisions().iter().find_map(|decision| match decision {
            Decision::Edges { keep, .. } => Some(*keep),
            _ => None,
        });
        settings.epochs = self.judging.tuning * tunings(&self.layout, keep);
        settings.warm_up = if fixed { usize::MAX } else { 0 };
        settings.weights.rate = Schedule::Cosine(
            self.run.settings.training.lr / 10.0,
            self.run.settings.training.lr_min.min(self.run.settings.training.lr / 10.0),
        );
        let candidates = Some(choices.allowed().clone());
        let pt = PtSettings { tuning: self.judging.tuning, judges: self.judging.batches, candidates };
        let moments = Moments::zeros(alpha.dim());
        let state =
            State { weights: self.run.theta.clone(), velocity: self.run.theta.zeros_like(), alpha, moments, epoch: 0 };
        let mut going =
            search::Run::resumed(&self.supernet, &self.layout, &settings, state, generator(self.judging.seed, 0));
        let dealt = |indices, size, augmentation| Dealt {
            images: &self.data.training,
            indices,
            size,
            augmentation,
            place: self.place,
        };
        let augmentation = self.run.settings.training.augmentation.as_ref();
        let training = dealt(&self.split.training[..], settings.batch, augmentation);
        let held_out = dealt(&self.split.held_out[..], settings.batch, None);
        let data = (&training, &held_out);
        if keep.is_some() {
            edges_can_go(&going, &*system).map_err(cause)?;
        }
        let Selection { operations, decisions } = darts_pt(&mut going, &mut *system, data, &pt).map_err(cause)?;
        let edges = match keep {
            Some(keep) => darts_pt_edges(&mut going, &mut *system, data, &pt, keep).map_err(cause)?,
            None => Vec::new(),
        };
        let mut strengths = Array2::from_elem(self.layout.shape(), f64::NEG_INFINITY);
        for decision in &decisions {
            strengths.row_mut(decision.edge).iter_mut().zip(&decision.without).for_each(|(x, without)| *x = -without);
        }
        // What is kept alone: edges that stay are stronger than those that go.
        let mut chosen = Array2::from_elem(self.layout.shape(), f64::NEG_INFINITY);
        let staying: Vec<usize> = edges.iter().flat_map(|node| node.kept.clone()).collect();
        for (edge, &o) in operations.iter().enumerate().flat_map(|(edge, kept)| kept.iter().map(move |o| (edge, o))) {
            chosen[(edge, o)] = if staying.contains(&edge) { 1.0 } else { 0.0 };
        }
        let genotype = self.space().derive(&chosen)?.to_string();
        Ok(Verdict { strengths, selected: self.selected(&chosen), genotype, edges })
    }
}
