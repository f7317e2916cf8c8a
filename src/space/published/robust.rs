//! RobustDARTS (automl/RobustDARTS, `src/spaces.py`): subsets of DARTS in which it fails.

use super::darts;
use crate::space::{Cell, Operation};

use Operation::{
    AvgPool3x3 as Avg, DilConv3x3 as Dil3, DilConv5x5 as Dil5, MaxPool3x3 as Max, Noise, None, SepConv3x3 as Sep3, Skip,
};

/// The two operations of each edge, in normal and in reduction cells.
const S1: [[[Operation; 2]; 2]; 14] = [
    [[Skip, Dil3], [Max, Avg]],
    [[Skip, Dil5], [Max, Dil3]],
    [[Skip, Dil5], [Max, Avg]],
    [[Skip, Sep3], [Max, Avg]],
    [[Skip, Dil3], [Skip, Dil5]],
    [[Max, Skip], [Max, Avg]],
    [[Skip, Sep3], [Max, Sep3]],
    [[Skip, Sep3], [Skip, Dil3]],
    [[Skip, Dil3], [Skip, Dil5]],
    [[Skip, Sep3], [Max, Avg]],
    [[Max, Skip], [Max, Avg]],
    [[Skip, Dil3], [Skip, Dil5]],
    [[Dil3, Dil5], [Skip, Dil5]],
    [[Dil3, Dil5], [Skip, Dil5]],
];

pub(super) fn s1() -> Cell {
    darts::with(|edge| S1[edge].map(|pair| pair.to_vec()))
}

pub(super) fn s2() -> Cell {
    darts::with(|_| [vec![Skip, Sep3], vec![Skip, Sep3]])
}

pub(super) fn s3() -> Cell {
    darts::with(|_| [vec![None, Skip, Sep3], vec![None, Skip, Sep3]])
}

pub(super) fn s4() -> Cell {
    darts::with(|_| [vec![Noise, Sep3], vec![Noise, Sep3]])
}
