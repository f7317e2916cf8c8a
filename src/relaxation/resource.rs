//! The resource constraint of SNAS: $\eta\,\mathbb E\,C(Z)$ added to the objective (`snas`, Eq. 9 to 11 and Appendix F).
//!
//! $C(Z)=\sum_{eo}Z_{eo}c_{eo}$ is linear, because the size of a feature map does not depend on what is chosen (Eq. 10). So its expectation under one-hot
//! gates is exact without sampling, $\mathbb E\,C=\sum_{eo}p_{eo}c_{eo}$, $p=\mathrm{softmax}(\alpha)$: the paper calls it non-trivial and estimates it, but the sums over
//! the other edges of Eq. 11 are sums of probabilities, that is 1. Its derivative is $J_e^\top c_e$ edge by edge.

use ndarray::{Array2, Zip};

use super::{Error, softmax};

/// The resources of a convolution with an output of $H\times W$, a kernel $f\times k$, $I$ input and $O$ output channels in $g$ groups (`snas`, Eq. 35 to 40).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layer {
    /// $HW$, pixels of the output.
    pub pixels: f64,
    /// $fk$, taps of the kernel.
    pub taps: f64,
    /// $I$.
    pub inputs: f64,
    /// $O$.
    pub outputs: f64,
    /// $g$.
    pub groups: f64,
}

/// What an operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Resources {
    /// Parameters.
    pub parameters: f64,
    /// Floating-point operations, multiplications counted.
    pub flops: f64,
    /// Memory accesses: input and output feature maps, and weights.
    pub memory_access: f64,
}

impl Layer {
    /// $fkIO/g$ parameters, $HWfkIO/g$ operations, $HW(I+O)+fkIO/g$ accesses (Eq. 35 to 37).
    pub fn convolution(self) -> Resources {
        let parameters = self.taps * self.inputs * self.outputs / self.groups;
        Resources { parameters, flops: self.pixels * parameters, memory_access: self.maps() + parameters }
    }

    /// $HWfkIO$ operations as printed (Eq. 38) and $HW(I+O)$ accesses (Eq. 40). A pooling works channel by channel, so its operations are
    /// $HWfkI$: that is the printed formula with $O=1$, or a convolution with $g=I=O$.
    pub fn pooling(self) -> Resources {
        let flops = self.pixels * self.taps * self.inputs * self.outputs;
        Resources { parameters: 0.0, flops, memory_access: self.maps() }
    }

    /// No operations (Eq. 39), $HW(I+O)$ accesses (Eq. 40).
    pub fn skip(self) -> Resources {
        Resources { parameters: 0.0, flops: 0.0, memory_access: self.maps() }
    }

    fn maps(self) -> f64 {
        self.pixels * (self.inputs + self.outputs)
    }
}

impl std::ops::Add for Resources {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            parameters: self.parameters + other.parameters,
            flops: self.flops + other.flops,
            memory_access: self.memory_access + other.memory_access,
        }
    }
}

/// What one of each costs the objective, all cells of a network counted: $\eta$ of `snas`, Eq. 9, resource by resource.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Of a parameter.
    pub parameters: f64,
    /// Of a floating-point operation.
    pub flops: f64,
    /// Of a memory access.
    pub memory_access: f64,
}

/// $\eta\,c_{eo}$: what choosing operation $o$ on edge $e$ adds to the objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    table: Array2<f64>,
}

impl Constraint {
    /// From the costs themselves, $E\times O$.
    ///
    /// # Errors
    /// [`Error::Resource`] when one is negative or not finite.
    pub fn new(table: Array2<f64>) -> Result<Self, Error> {
        match table.indexed_iter().find(|(_, c)| !(c.is_finite() && **c >= 0.0)) {
            Some(((edge, operation), &value)) => Err(Error::Resource { edge, operation, value }),
            None => Ok(Self { table }),
        }
    }

    /// From what each operation takes and what that costs.
    ///
    /// # Errors
    /// As [`Constraint::new`].
    pub fn priced(resources: &Array2<Resources>, prices: Prices) -> Result<Self, Error> {
        Self::new(resources.map(|r| {
            prices.parameters * r.parameters + prices.flops * r.flops + prices.memory_access * r.memory_access
        }))
    }

    /// $C(Z)=\sum_{eo}Z_{eo}c_{eo}$ (Eq. 10). Its cost $\partial C/\partial Z$ is the table.
    pub fn of(&self, gates: &Array2<f64>) -> f64 {
        Zip::from(gates).and(&self.table).fold(0.0, |sum, &z, &c| sum + z * c)
    }

    /// $\partial C/\partial Z$, $E\times O$: the same at any gates.
    pub fn cost(&self) -> &Array2<f64> {
        &self.table
    }

    /// $\mathbb E\,C(Z)$ for one-hot gates with probabilities $\mathrm{softmax}(\alpha)$, exactly.
    pub fn expectation(&self, alpha: &Array2<f64>) -> f64 {
        self.of(&softmax::gates(alpha))
    }

    /// $\nabla_\alpha\mathbb E\,C(Z)$, exactly.
    pub fn gradient(&self, alpha: &Array2<f64>) -> Array2<f64> {
        softmax::pull(&softmax::gates(alpha), &self.table)
    }
}
