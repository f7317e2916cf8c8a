//! Maps from architecture parameters $\alpha$ to gates $Z$, with the pull-back of the cost.

pub mod softmax;
