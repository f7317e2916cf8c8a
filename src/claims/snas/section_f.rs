#![doc = include_str!("../../../proofs/snas/equation-35.md")]
#![doc = include_str!("../../../proofs/snas/equation-36.md")]
#![doc = include_str!("../../../proofs/snas/equation-37.md")]
#![doc = include_str!("../../../proofs/snas/equation-38.md")]
#![doc = include_str!("../../../proofs/snas/equation-39.md")]
#![doc = include_str!("../../../proofs/snas/equation-40.md")]

use super::resources::{Layer, layers};
use crate::claims::{Check, Claim, Control, Exactly, Statement};

/// Whether what the loops count is what a formula says, for layers of these strides.
fn check(strides: std::ops::RangeInclusive<usize>, equal: impl Fn(&Layer) -> Exactly + Send + Sync + 'static) -> Check {
    Check::exact("counts of layers with up to 6 channels and filters up to 5×5", layers(strides), move |layer| {
        Ok(equal(layer))
    })
}

fn product(factors: &[usize]) -> u64 {
    factors.iter().map(|&x| x as u64).product()
}

impl Layer {
    /// $fkIO/g$.
    fn filters(&self) -> u64 {
        product(&[self.filter_height, self.filter_width, self.inputs, self.outputs]) / self.groups as u64
    }

    /// $HW$.
    fn plane(&self) -> u64 {
        product(&[self.height, self.width])
    }

    /// $HW(I+O)$.
    fn maps(&self) -> u64 {
        self.plane() * (self.inputs + self.outputs) as u64
    }

    /// $H'W'I+HWO$, the input of its own size.
    fn true_maps(&self) -> u64 {
        self.plane() * (self.inputs * self.stride * self.stride + self.outputs) as u64
    }
}

/// Eq. (35): the parameters of a convolution.
pub fn parameters() -> Claim {
    Claim {
        id: "snas.equation-35",
        source: "snas, Eq. (35), appendix F",
        hypotheses: &[
            "a convolution without bias, g dividing I and O",
            "counted: the different weights that the loops use",
        ],
        printed: Statement::holds(
            "parameter size = fkIO/g",
            check(1..=2, |layer| Exactly::counts(layer.convolution().parameters, layer.filters())),
        ),
        corrected: None,
        control: Some(Control::new(
            "the groups forgotten",
            check(1..=2, |layer| {
                Exactly::counts(layer.convolution().parameters, layer.filters() * layer.groups as u64)
            }),
        )),
        proof: include_str!("../../../proofs/snas/equation-35.md"),
    }
}

/// Eq. (36): the operations of a convolution.
pub fn operations() -> Claim {
    let flops = |layer: &Layer| layer.convolution().multiplications + layer.convolution().additions;
    Claim {
        id: "snas.equation-36",
        source: "snas, Eq. (36), appendix F",
        hypotheses: &[
            "the number of float-point operations: multiplications and additions, each one",
            "zeros that pad the input multiplied like any other number; no bias",
        ],
        printed: Statement::refuted(
            "FLOPs = HWfkIO/g",
            check(1..=2, move |layer| Exactly::counts(flops(layer), layer.plane() * layer.filters())),
        ),
        corrected: Some(Statement::holds(
            "FLOPs = 2HWfkIO/g − HWO; HWfkIO/g is the number of multiplications, or of multiply-adds",
            Check::all(vec![
                check(1..=2, move |layer| {
                    Exactly::counts(
                        flops(layer),
                        2 * layer.plane() * layer.filters() - layer.plane() * layer.outputs as u64,
                    )
                }),
                check(1..=2, |layer| {
                    Exactly::counts(layer.convolution().multiplications, layer.plane() * layer.filters())
                }),
            ]),
        )),
        control: Some(Control::new(
            "2HWfkIO/g: the first product of each sum added to something",
            check(1..=2, move |layer| Exactly::counts(flops(layer), 2 * layer.plane() * layer.filters())),
        )),
        proof: include_str!("../../../proofs/snas/equation-36.md"),
    }
}

/// Eq. (37): the memory access of a convolution.
pub fn access() -> Claim {
    Claim {
        id: "snas.equation-37",
        source: "snas, Eq. (37), appendix F",
        hypotheses: &[
            "enough cache: every number read or written once",
            "H, W the output's spatial dimensions; stride one or two, as appendix G.1 has them",
        ],
        printed: Statement::refuted(
            "MAC = HW(I + O) + fkIO/g",
            check(1..=2, |layer| Exactly::counts(layer.convolution().accesses, layer.maps() + layer.filters())),
        ),
        corrected: Some(Statement::holds(
            "MAC = H'W'I + HWO + fkIO/g, H'W' the size of the input: as printed for stride one, 4HWI + HWO + fkIO/g for stride two",
            Check::all(vec![
                check(1..=2, |layer| {
                    Exactly::counts(layer.convolution().accesses, layer.true_maps() + layer.filters())
                }),
                check(1..=1, |layer| Exactly::counts(layer.convolution().accesses, layer.maps() + layer.filters())),
            ]),
        )),
        control: Some(Control::new(
            "the corrected formula without the weights",
            check(1..=2, |layer| Exactly::counts(layer.convolution().accesses, layer.true_maps())),
        )),
        proof: include_str!("../../../proofs/snas/equation-37.md"),
    }
}

/// Eq. (38): the operations of a pooling.
pub fn pooling() -> Claim {
    let pooled = |layer: &Layer| layer.by_channel().pooling().pooled;
    let windows = |layer: &Layer| layer.plane() * product(&[layer.filter_height, layer.filter_width, layer.outputs]);
    Claim {
        id: "snas.equation-38",
        source: "snas, Eq. (38), appendix F",
        hypotheses: &[
            "a pooling looks at each channel on its own, I = O",
            "one operation for each element of a window, padded ones among them",
        ],
        printed: Statement::refuted(
            "FLOPs = HWfkIO (of pooling)",
            check(1..=2, move |layer| Exactly::counts(pooled(layer), windows(layer) * layer.outputs as u64)),
        ),
        corrected: Some(Statement::holds(
            "FLOPs of pooling = HWfkO: each of the O channels is pooled once, not once for each input channel",
            check(1..=2, move |layer| Exactly::counts(pooled(layer), windows(layer))),
        )),
        control: Some(Control::new(
            "one window for all channels",
            check(1..=2, move |layer| Exactly::counts(pooled(layer), windows(layer) / layer.outputs as u64)),
        )),
        proof: include_str!("../../../proofs/snas/equation-38.md"),
    }
}

/// Eq. (39): the operations of a skip connection.
pub fn skip() -> Claim {
    let flops = |count: super::resources::Count| count.multiplications + count.additions + count.pooled;
    Claim {
        id: "snas.equation-39",
        source: "snas, Eq. (39), appendix F",
        hypotheses: &["a skip connection copies its input, stride one"],
        printed: Statement::holds(
            "FLOPs = 0 (of skip connection)",
            check(1..=1, move |layer| Exactly::counts(flops(layer.by_channel().skip()), 0)),
        ),
        corrected: None,
        control: Some(Control::new(
            "a skip with stride two as DARTS has it, a 1×1 convolution",
            check(2..=2, move |layer| {
                let reduced = Layer { filter_height: 1, filter_width: 1, groups: 1, ..layer.by_channel() };
                Exactly::counts(flops(reduced.convolution()), 0)
            }),
        )),
        proof: include_str!("../../../proofs/snas/equation-39.md"),
    }
}

/// Eq. (40): the memory access of pooling and skip.
pub fn free_access() -> Claim {
    let both = |layer: &Layer, formula: fn(&Layer) -> u64| {
        let layer = layer.by_channel();
        Exactly::counts(layer.pooling().accesses, formula(&layer))
            .and(Exactly::counts(layer.skip().accesses, formula(&layer)))
    };
    Claim {
        id: "snas.equation-40",
        source: "snas, Eq. (40), appendix F",
        hypotheses: &[
            "enough cache: every number read or written once",
            "H, W the output's spatial dimensions; stride one or two, as appendix G.1 has them",
            "windows no smaller than the stride; a skip reads all of its input",
        ],
        printed: Statement::refuted(
            "MAC = HW(I + O) (of pooling and skip connection)",
            check(1..=2, move |layer| both(layer, Layer::maps)),
        ),
        corrected: Some(Statement::holds(
            "MAC = H'W'I + HWO, H'W' the size of the input; as printed for stride one",
            Check::all(vec![
                check(1..=2, move |layer| both(layer, Layer::true_maps)),
                check(1..=1, move |layer| both(layer, Layer::maps)),
            ]),
        )),
        control: Some(Control::new(
            "the output's accesses left out",
            check(1..=2, move |layer| both(layer, |layer| layer.true_maps() - layer.plane() * layer.outputs as u64)),
        )),
        proof: include_str!("../../../proofs/snas/equation-40.md"),
    }
}
