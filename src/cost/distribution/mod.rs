//! How the cost at an output is distributed over the edges of a cell.
//!
//! A [`Graph`] has nodes $X_j=\sum_eZ_eO_e(X_{\text{from}(e)})$, the sum over the edges $e$ into $j$ with gates $Z_e$. Given the cotangent
//! $g$ at the last node, backpropagation gives $\partial L/\partial X_j$ for all nodes, and the cost of an edge is
//!
//! $$C_e=\frac{\partial L}{\partial Z_e}=\Bigl\langle\frac{\partial L}{\partial X_j},\;X_j^e\Bigr\rangle,\qquad X_j^e=O_e(X_{\text{from}(e)}),$$
//!
//! so that $\sum_eZ_eC_e=\langle\partial L/\partial X_j,X_j\rangle$ over the edges into $j$ (`wiring`, Eq. 4–7).
//!
//! **Path by path.** $\partial L/\partial X_j$ is the sum over the paths $j\to k\to\dots$ to the last node of products of transposed Jacobians,
//! hence $C_e=\sum_\pi C_e^\pi$ with $C_e^\pi=\langle Z_{e_1}J_{e_1}^\top Z_{e_2}J_{e_2}^\top\cdots g,\;X_j^e\rangle$.
//!
//! **What Theorem 1 can say.** Let a path start with an edge $f$ out of $j$ whose operation is homogeneous of degree 0, and let $h$ be the
//! cotangent that arrives at its output. Euler's identity concerns the whole of $X_j$:
//!
//! $$\sum_eZ_eC_e^\pi=\langle J_f^\top h,\,X_j\rangle=0 ,$$
//!
//! the sum over *all* edges into $j$. A single edge receives $C_e^\pi=\langle h,J_fX_j^e\rangle$, which is zero for every $h$ only if
//! $X_j^e$ is in the null space of $J_f$. For $f=$ normalisation after a linear map $A$, that is per group
//!
//! $$C_e^\pi=s\sum_i(h_i-\bar h)\bigl(u_i-\bar u-\hat x_i\,\overline{\hat xu}\bigr),\qquad u=AX_j^e,$$
//!
//! $n s$ times the partial covariance of $h$ and the edge's own image $u$ given the standardised image $\hat x$ of the sum
//! ([`slice::received`](super::normalisation::slice::received)). It vanishes for every $h$ iff $u$ is an affine function of $\hat x$ in every
//! group: in particular when $X_j^e$ is the only edge into $j$.

mod graph;
mod paths;

pub use graph::{Costs, Edge, Flow, Graph, GraphError};
pub use paths::{MAX_PATHS, PathCost};
