//! Predicted loss changes when gates change: Taylor expansions, influence, and bounds on what they drop.
//!
//! # Setting
//! A supernet is trained: $\theta^\ast=\theta^\ast(Z)$ minimises the training loss $L_t(\cdot, Z)$. The gates change to $\hat Z$. What happens to the
//! training loss $L_t$ and to the loss $L_j$ by which the change is judged (the validation loss, or $L_t$ itself) after retraining,
//! $$\Delta L_j = L_j(\hat\theta^\ast, \hat Z) - L_j(\theta^\ast, Z),\qquad \hat\theta^\ast = \theta^\ast(\hat Z)\,?$$
//! Every function takes the two losses as separate batches.
//!
//! # Predictions
//! Let $g_t, H_t$ be the derivatives of $L_t$ in $\theta$ at $(\theta^\ast,\hat Z)$, $x\approx H_t^{-1}g_t$ whatever the estimator of the inverse, and
//! $\Delta\theta=-\tau x$ with $\tau=g_t^\top x/x^\top H_tx$, which is 1 for an exact $x$.
//!
//! | name | prediction of $\Delta L_j$ | dropped, exact $x$ |
//! |---|---|---|
//! | perturbation (DARTS-PT) | $P_j = L_j(\theta^\ast,\hat Z)-L_j(\theta^\ast,Z)$ | $O(\lVert\Delta Z\rVert^2)$ if $j=t$, else $O(\lVert\Delta Z\rVert)$ |
//! | influence (DARTS-IF, `influence` Eq. 5) | $P_t-\frac12 g_t^\top x$, only $j=t$ | $O(\lVert\Delta Z\rVert^3)$ |
//! | second-order influence | $P_j + g_j^\top\Delta\theta + \frac12\Delta\theta^\top H_j\Delta\theta$ | $O(\lVert\Delta Z\rVert^3)$ if $j=t$, else $O(\lVert\Delta Z\rVert^2)$ |
//! | loss at the moved weights | $L_j(\theta^\ast+\Delta\theta,\hat Z)-L_j(\theta^\ast,Z)$ | $O(\lVert\Delta Z\rVert^4)$ if $j=t$, else $O(\lVert\Delta Z\rVert^2)$ |
//! | [`Expansion`] at $(\theta^\ast,Z)$ | all terms to second order in $(\Delta\theta,\Delta Z)$, $\Delta\theta=-H^{-1}M^\top\Delta Z$ there | as second-order influence |
//!
//! *Derivation.* $g_t = O(\lVert\Delta Z\rVert)$ because $\partial L_t/\partial\theta$ vanishes at $(\theta^\ast,Z)$, so $\hat\theta^\ast-\theta^\ast = O(\lVert\Delta Z\rVert)$ by strong convexity,
//! and Newton's step from $\theta^\ast$ misses $\hat\theta^\ast$ by $e=O(\lVert\Delta Z\rVert^2)$. The training loss is stationary at $\hat\theta^\ast$, so missing it by $e$ costs
//! $\frac12e^\top He = O(\lVert\Delta Z\rVert^4)$: the last row. Its quadratic model differs from it by the third-order term of Taylor's theorem. A
//! judge that is not stationary there feels $e$ itself.
//!
//! # Why second-order influence is better than Eq. 5
//! Let $x = H_t^{-1}g_t + e$ with the error $e$ of an estimator. Eq. 5 misses its own value $-\frac12g_t^\top H_t^{-1}g_t$ by $\frac12g_t^\top e$: first order in $e$, of
//! either sign, and proportional to the scale of $x$. The quadratic model is least at the multiple $\tau$ of $x$, where it is
//! $$-\tfrac12\frac{(g_t^\top x)^2}{x^\top H_tx} = -\tfrac12\,g_t^\top H_t^{-1}g_t\,\cos^2\varphi ,$$
//! $\varphi$ the angle between $x$ and $H_t^{-1}g_t$ in the inner product of $H_t$. So it depends on the direction of $x$ alone, whatever the step $\gamma$ or the scale of a
//! Fisher; it lies between the exact value and 0; and it misses the exact value by $\frac12g_t^\top H_t^{-1}g_t\sin^2\varphi\le\frac12e^\top H_te$, second order in $e$. It
//! costs one product with $H_t$. With an exact inverse and $j=t$ both coincide. It is also the only one of the two that speaks of a validation loss: Eq. 5 with
//! $L$ the validation loss predicts retraining *on the validation data*.

mod differenced;
mod discretisation;
mod expansion;
pub mod finite_difference;
pub mod influential_magnitude;
mod inverse;
mod remainder;

pub use differenced::Differenced;
pub use discretisation::{Discretisation, Model, without};
pub use expansion::{Along, Expansion};
pub use inverse::InverseHessian;
pub use remainder::{Displacement, ThirdDerivative};
