//! A search system of one's own: DARTS with a temperature that falls, on the embedded digits. One `impl`, and it runs on every supernet.

use nasproof::{
    problem::Supernet,
    relaxation::{Draw, Softmax},
    search::{Error, Pair, Run, Settings, System},
};

/// $Z=\mathrm{softmax}(\alpha/\tau)$, $\tau$ from 1 to 0.1.
pub struct Cooled;

impl<P: Supernet> System<P> for Cooled {
    fn name(&self) -> &'static str {
        "cooled"
    }

    fn settings(&self) -> Settings {
        Settings::darts()
    }

    fn step(&mut self, run: &mut Run<'_, P>, pair: Pair<'_, P>) -> Result<(), Error> {
        let temperature = 0.1f64.powf(run.progress());
        if run.alpha_moves() {
            let draw = Softmax.at(&(&run.alpha / temperature));
            let cost = run.cost(&draw, pair.validation)?; // ∂L/∂Z on held-out examples
            run.step_alpha(draw.pull_back(&cost) / temperature)?; // ∂L/∂α = (∂Z/∂α)ᵀ ∂L/∂Z
        }
        let draw = Softmax.at(&(&run.alpha / temperature));
        let trained = run.evaluate(&draw, pair.training)?; // loss, ∂L/∂θ and ∂L/∂Z
        run.step_weights(&trained.gradient)
    }
}

fn main() -> Result<(), Error> {
    use nasproof::{
        problem::{
            Bilevel,
            softmax_regression::{EDGES, Examples, Operation, SoftmaxRegression},
        },
        search::{Chunks, Layout, search, strongest},
    };
    use ndarray::{Array1, Array2};

    let problem = SoftmaxRegression::digits(0);
    let layout = Layout::untied(Array2::from_elem(problem.gate_shape(), true), vec![0; EDGES.len()]);
    let batches = |split: &Examples| {
        let regularised = split.regularised;
        let batch = move |rows: &[usize]| Examples { rows: rows.to_vec(), regularised };
        Chunks { rows: split.rows.clone(), size: 64, batch }
    };
    let settings = Settings { epochs: 5, ..System::<SoftmaxRegression>::settings(&Cooled) };
    let data = (&batches(problem.training()), &batches(problem.validation()));
    let outcome = search(&problem, &layout, &mut Cooled, &settings, Array1::zeros(problem.weight_count()), data, 0)?;
    for epoch in &outcome.epochs {
        println!("epoch {}: validation loss {:.4}, entropy {:.4}", epoch.epoch, epoch.validation.loss, epoch.entropy);
    }
    for ((edge, _), operation) in EDGES.iter().zip(strongest(&outcome.architecture)) {
        println!("{edge}: {}", Operation::ALL[operation].name());
    }
    Ok(())
}
