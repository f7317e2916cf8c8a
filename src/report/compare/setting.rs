//! The estimators and their settings, as one grid shared by every comparison.

use serde::Serialize;

pub use crate::ihvp::system::Method;

/// An estimator with its parameters; what a method does not have is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Setting {
    /// The estimator.
    pub method: Method,
    /// $K$: iterations of conjugate gradient, or the last index of a Neumann sum.
    pub terms: Option<usize>,
    /// $N$: the gradients of the empirical Fisher.
    pub rows: Option<usize>,
    /// Examples averaged in one gradient, or in one mini-batch operator.
    pub group: Option<usize>,
    /// $\gamma\lambda_{\max}$.
    pub step: Option<f64>,
    /// $\eta$, added to what the method inverts; for the Fisher methods the whole damping.
    pub damping: f64,
    /// Whether this setting stands for its method in the summary.
    #[serde(skip)]
    pub headline: bool,
}

impl Setting {
    fn new(method: Method, damping: f64) -> Self {
        Self { method, terms: None, rows: None, group: None, step: None, damping, headline: false }
    }

    /// `K = 64, γλ = 1, η = 0.01`: what is set, in words.
    pub fn parameters(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.terms.map(|k| format!("K = {k}")));
        parts.extend(self.rows.map(|n| format!("N = {n}")));
        parts.extend(self.group.filter(|&g| g > 1).map(|g| format!("batch {g}")));
        parts.extend(self.step.map(|s| format!("γλ = {s}")));
        if self.damping > 0.0 {
            parts.push(format!("η = {:.1e}", self.damping).replace(".0e", "e"));
        }
        parts.join(", ")
    }
}

/// What a grid is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The iterations of conjugate gradient.
    pub iterations: Vec<usize>,
    /// The values of $K$ of the Neumann sums.
    pub terms: Vec<usize>,
    /// The values of $N$ for the Fisher methods; empty where there are no gradients.
    pub rows: Vec<usize>,
    /// The values of $\gamma\lambda_{\max}$.
    pub steps: Vec<f64>,
    /// The dampings tried besides none.
    pub dampings: Vec<f64>,
    /// The damping of the Fisher methods where nothing else is said.
    pub fisher_damping: f64,
    /// The examples of a mini-batch operator; empty where there are none.
    pub batches: Vec<usize>,
    /// Averaged gradients: the examples in one.
    pub groups: Vec<usize>,
    /// Whether a dense factorisation can be had.
    pub dense: bool,
}

impl Grid {
    /// All settings, a method at a time.
    pub fn settings(&self) -> Vec<Setting> {
        let mut out = Vec::new();
        let most = self.terms.last().copied();
        let middle = self.terms.get(self.terms.len() / 2).copied();
        let dampings = || std::iter::once(0.0).chain(self.dampings.iter().copied());
        if self.dense {
            out.extend(dampings().map(|eta| Setting { headline: eta == 0.0, ..Setting::new(Method::Exact, eta) }));
        }
        for method in [Method::Cg, Method::BlockCg] {
            let last = self.iterations.last().copied();
            for &k in &self.iterations {
                let headline = Some(k) == last;
                out.push(Setting { terms: Some(k), headline, ..Setting::new(method, 0.0) });
            }
            for &eta in &self.dampings {
                out.push(Setting { terms: last, ..Setting::new(method, eta) });
            }
        }
        for &step in &self.steps {
            for &k in &self.terms {
                let headline = Some(k) == most && step == 1.0;
                out.push(Setting { terms: Some(k), step: Some(step), headline, ..Setting::new(Method::Neumann, 0.0) });
            }
        }
        for &eta in &self.dampings {
            out.push(Setting { terms: middle, step: Some(1.0), ..Setting::new(Method::Neumann, eta) });
        }
        for (i, &group) in self.batches.iter().enumerate() {
            for (&k, &step) in self.terms.iter().flat_map(|k| self.steps.iter().map(move |s| (k, s))) {
                // Mini-batches have larger eigenvalues than their mean: only the shorter steps are safe.
                if step > 1.0 || Some(k) > middle {
                    continue;
                }
                let headline = i + 1 == self.batches.len() && Some(k) == middle && step == 1.0;
                let setting = Setting::new(Method::StochasticNeumann, 0.0);
                out.push(Setting { terms: Some(k), group: Some(group), step: Some(step), headline, ..setting });
            }
        }
        for method in [Method::ShermanMorrison, Method::Woodbury] {
            let fisher =
                |rows, group, eta| Setting { rows: Some(rows), group: Some(group), ..Setting::new(method, eta) };
            for &rows in &self.rows {
                let headline = Some(&rows) == self.rows.last();
                out.push(Setting { headline, ..fisher(rows, 1, self.fisher_damping) });
            }
            // The recursion is the same inverse to rounding, at N times the passes: the variations are left to the Gram form.
            if let (Method::Woodbury, Some(&rows)) = (method, self.rows.last()) {
                let others = self.dampings.iter().filter(|&&eta| eta != self.fisher_damping);
                out.extend(others.map(|&eta| fisher(rows, 1, eta)));
                out.extend(self.groups.iter().map(|&group| fisher(rows.div_ceil(group), group, self.fisher_damping)));
            }
        }
        for method in [Method::Identity, Method::Diagonal] {
            out.push(Setting { headline: true, ..Setting::new(method, 0.0) });
        }
        out
    }
}
