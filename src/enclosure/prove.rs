//! Branch and bound: an inequality on a box.

use super::{Interval, Region, Undefined};

/// What [`prove`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The margin is at least zero on every one of so many boxes that cover the region: the inequality holds.
    Enclosed {
        /// The boxes that cover the region.
        boxes: usize,
        /// The smallest lower end of the margin over them.
        margin: f64,
    },
    /// The margin is certainly below zero at a point: the inequality fails.
    Fails {
        /// The point, in the order of the region's variables.
        at: Vec<f64>,
        /// What encloses the margin there; its upper end is below zero.
        margin: Interval,
    },
    /// Neither was shown. This is *not* "holds".
    Undecided {
        /// A box on which the margin's sign is open, or the margin undefined; empty where the region was none.
        on: Vec<Interval>,
        /// Why the search ended.
        reason: String,
    },
}

/// Shows $\text{margin}(x)\ge0$ for every $x$ of the region, or a point where $\text{margin}(x)<0$.
///
/// `margin` is evaluated on boxes: its value must contain $\text{margin}(x)$ for every $x$ in the box it is given, which anything computed with [`Interval`]
/// arithmetic does. A box on which the lower end is at least zero is done; any other is tried at its middle, where an upper end below zero is a
/// counterexample, and then cut in half across its side that is widest relative to the region's. A margin that is [`Undefined`] on a box is a reason to cut it, so an
/// inequality is never proved where its terms have no value. The search is depth first and deterministic, and gives up after `budget` evaluations, or
/// where a box cannot be cut any further.
///
/// A margin that reaches zero inside the region cannot be enclosed by evaluating it: write it as a product of factors whose signs can be, or as a
/// bound by a derivative.
pub fn prove(region: &Region, budget: usize, margin: impl Fn(&[Interval]) -> Result<Interval, Undefined>) -> Outcome {
    let widths: Vec<f64> = region.sides().iter().map(|side| side.width()).collect();
    let mut open = vec![region.sides().to_vec()];
    let (mut boxes, mut least) = (0, f64::INFINITY);
    let mut spent = 0;
    while let Some(part) = open.pop() {
        if spent >= budget {
            return Outcome::Undecided { on: part, reason: format!("the budget of {budget} evaluations is spent") };
        }
        spent += 1;
        let seen = margin(&part);
        if let Ok(value) = &seen
            && value.lower() >= 0.0
        {
            boxes += 1;
            least = least.min(value.lower());
            continue;
        }
        let at: Vec<f64> = part.iter().map(|side| side.middle()).collect();
        let point: Vec<Interval> = at.iter().map(|&x| x.into()).collect();
        if let Ok(value) = margin(&point)
            && value.upper() < 0.0
        {
            return Outcome::Fails { at, margin: value };
        }
        let relative = |i: usize| if widths[i] > 0.0 { part[i].width() / widths[i] } else { 0.0 };
        let widest = (0..part.len()).max_by(|&i, &j| relative(i).total_cmp(&relative(j)));
        let reason = seen.err().map_or_else(|| "the margin contains zero".to_owned(), |e| e.to_string());
        let Some(side) = widest.filter(|&i| part[i].width() > 0.0) else {
            return Outcome::Undecided { on: part, reason: format!("{reason}, on a point") };
        };
        let (left, right) = part[side].halves();
        if left == part[side] || right == part[side] {
            return Outcome::Undecided { on: part, reason: format!("{reason}, on a box too small to cut") };
        }
        let mut with = |half: Interval| {
            let mut next = part.clone();
            next[side] = half;
            open.push(next);
        };
        with(right);
        with(left);
    }
    Outcome::Enclosed { boxes, margin: least }
}
