#![doc = include_str!("corollary-1.md")]

use nalgebra::{DMatrix, DVector};
use nasproof::linalg::samples::{self, Sample};
use ndarray::Array1;
use proptest::prelude::*;

decided!("poster.corollary-1", Refuted => Holds);

/// $\max|\partial^3\ln\cosh|=\frac4{3\sqrt3}$.
const THIRD: f64 = 0.769_800_358_919_501;

/// Where $|\partial^3\ln\cosh|$ is largest: $\tanh^2x=\frac13$.
const CENTRE: f64 = 0.658_478_948_462_408_4;

/// $f(\theta)=\tfrac12\theta^\top H\theta+b^\top\theta+s\sum_i[\ln\cosh(\theta_i+x)-\theta_i\tanh x]$, $x$ the centre; the gates move $b$.
struct Bent {
    hessian: DMatrix<f64>,
    s: f64,
}

impl Bent {
    /// $f$ and the sum of the magnitudes of its terms.
    fn value(&self, theta: &DVector<f64>, b: &DVector<f64>) -> (f64, f64) {
        let terms = [0.5 * theta.dot(&(&self.hessian * theta)), b.dot(theta), self.s * theta.map(bend).sum()];
        let size = 0.5 * theta.abs().dot(&(self.hessian.abs() * theta.abs()))
            + b.abs().dot(&theta.abs())
            + self.s * theta.map(|x| x.abs() + 1.0).sum();
        (terms.iter().sum(), size)
    }

    fn gradient(&self, theta: &DVector<f64>, b: &DVector<f64>) -> DVector<f64> {
        &self.hessian * theta + b + theta.map(|x| (x + CENTRE).tanh() - CENTRE.tanh()) * self.s
    }

    fn curvature(&self, theta: &DVector<f64>) -> DMatrix<f64> {
        &self.hessian + DMatrix::from_diagonal(&theta.map(|x| self.s * (1.0 - (x + CENTRE).tanh().powi(2))))
    }

    /// From $\theta=0$, where it is optimal for $b=0$.
    fn minimise(&self, b: &DVector<f64>) -> DVector<f64> {
        let mut theta = DVector::zeros(b.len());
        let mut norm = f64::INFINITY;
        for _ in 0..100 {
            let gradient = self.gradient(&theta, b);
            if gradient.norm() >= norm {
                break;
            }
            norm = gradient.norm();
            theta -= self.curvature(&theta).cholesky().unwrap().solve(&gradient);
        }
        theta
    }
}

fn bend(x: f64) -> f64 {
    (x + CENTRE).cosh().ln() - x * CENTRE.tanh()
}

fn column(x: &Array1<f64>) -> DVector<f64> {
    DVector::from_column_slice(&x.to_vec())
}

proptest! {
    /// $E\le\frac{K^3}6\max\lVert\partial^3f\rVert$, $K=\lVert b\rVert/\lambda$: the gates enter as $b=M^\top\Delta\alpha$, so $\lVert b\rVert\le C_a\lVert\Delta\alpha\rVert$. One weight more than the
    /// sample has, on its own and as soft as the softest: along it, `lean` small, the bound is nearly attained. Displacements up to a half, where
    /// Newton's iteration converges.
    #[test]
    fn the_corrected_bound_holds(
        (sample, columns) in samples::system(8..=16, 6.0, 1),
        lean in 0.0..1.0f64,
        octaves in 1i32..=6,
        s in 0.01..0.1f64,
    ) {
        let Sample { matrix, .. } = &sample;
        let (n, lambda) = (sample.dim() + 1, sample.lambda_min());
        let hessian = DMatrix::from_fn(n, n, |i, j| match (i, j) {
            (0, 0) => lambda,
            (0, _) | (_, 0) => 0.0,
            _ => matrix[(i - 1, j - 1)],
        });
        let bent = Bent { hessian, s: s * lambda };
        let mut direction = column(&columns[0]).insert_row(0, 0.0) * lean;
        direction[0] = 1.0;
        let reach = 0.5f64.powi(octaves);
        let b = direction.normalize() * (reach * lambda);
        let (start, end) = (DVector::zeros(n), bent.minimise(&b));
        let g = bent.gradient(&start, &b);
        let predicted = bent.value(&start, &b).0 - 0.5 * g.dot(&bent.curvature(&start).cholesky().unwrap().solve(&g));
        let (truth, size) = bent.value(&end, &b);
        let bound = reach.powi(3) / 6.0 * THIRD * bent.s;
        let rounding = 30.0 * n as f64 * f64::EPSILON * (size + g.norm() * (end.norm() + reach));
        prop_assert!((truth - predicted).abs() <= bound + rounding, "{} {bound}", (truth - predicted).abs());
    }
}

/// The example of the text: one weight, $x=\theta-c\alpha$ from $-c$ to 0, curvature $1-mx$.
#[test]
fn the_printed_exponent_fails_by_hand() {
    for (c, m, hessian) in [(8.0, 0.125, 0.125), (16.0, 0.0625, 2.0)] {
        let x = -c;
        let (value, slope, curvature) = (x * x / 2.0 - m * x * x * x / 6.0, x - m * x * x / 2.0, 1.0 - m * x);
        let error: f64 = value - slope * slope / (2.0 * curvature);
        let (c_l, c_a) = (c * -slope, c * curvature);
        let k: f64 = c_l + hessian * c_a * c_a / 2.0;
        assert!(error > 1.5 * k / 6.0 * m, "{error} {k}");
        assert!(error <= f64::powi(c_a, 3) / 6.0 * m);
    }
}
