#![doc = include_str!("../../../proofs/wiring/theorem-2.md")]

use super::classifier::{Case, OVER, biased, cases, entropy, loss};
use crate::{
    claims::{Check, Claim, Control, Identity, Sides, Statement},
    enclosure::{Symbolic, Undefined},
};

/// $\langle\partial L/\partial X_4,X_4\rangle=L-H$.
struct Form;

impl Identity for Form {
    type Case = Case;

    fn sides<F: Symbolic>(&self, case: &Case) -> Result<Sides<F>, Undefined> {
        let rows = case.rows::<F>()?;
        Ok(vec![[case.cost()?, loss(&rows)? - entropy(&rows)?]])
    }
}

/// Theorem 2, first sentence: the form of the cost at the output edges of the last cell.
pub fn claim() -> Claim {
    Claim {
        id: "wiring.theorem-2",
        source: "wiring, Theorem 2 and Eq. 8, section 5.2; Theorem 4 and Eq. 21, appendix F",
        hypotheses: &[
            "global average pooling, then a linear layer without bias (Y_bn = Σ_c [X_p]_bc w_cn), softmax cross-entropy",
        ],
        printed: Statement::holds(
            "Cost at output edges of the last cell has the form C_Z = Σ_{b,c,d} ∂L_θ/∂[X_4]_{b,c,d} [X_4]_{b,c,d} = L_θ − H_θ",
            Check::identity(OVER, cases(), Form),
        ),
        corrected: None,
        control: Some(Control::new(
            "a linear layer with a bias, not corrected for",
            Check::identity(OVER, biased(), Form),
        )),
        proof: include_str!("../../../proofs/wiring/theorem-2.md"),
    }
}
