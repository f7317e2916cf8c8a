//! What is not active is not there, and what is not there costs nothing.

use nasproof::{space::SpaceName, torch::Network};
use tch::Tensor;

use super::common::{Case, entries, network};

const SPACES: [SpaceName; 3] = [SpaceName::Darts, SpaceName::Nb201, SpaceName::Minimal];

#[test]
fn an_inactive_operation_is_one_with_gate_zero() {
    for name in SPACES {
        let mut case = Case::new(network(name), 4, 3);
        for row in 0..case.active.nrows() {
            let column = row % case.active.ncols();
            case.active[(row, column)] = false;
        }
        let (_, inactive) = case.logits();
        let mask: Vec<f64> = case.active.iter().map(|&on| f64::from(u8::from(on))).collect();
        let (rows, columns) = case.active.dim();
        let mask = Tensor::from_slice(&mask).view([rows as i64, columns as i64]);
        case.gates = (&case.gates * mask).detach().set_requires_grad(true);
        case.active = case.net.gates().mask.clone();
        let (_, zeroed) = case.logits();
        // Adding 0·O(x) changes nothing, not even by rounding.
        assert_eq!(entries(&inactive), entries(&zeroed), "{name}");
        assert!(entries(&inactive).iter().any(|&y| y != 0.0), "{name}");
    }
}

#[test]
fn none_costs_nothing_and_can_still_be_differentiated() {
    for name in SPACES {
        let case = Case::new(network(name), 4, 5);
        let (_, cost) = case.gradients();
        let none = entries(&cost.select(1, 0));
        assert!(none.iter().all(|&c| c == 0.0), "{name}: {none:?}");
        let rest = entries(&cost.narrow(1, 1, cost.size()[1] - 1));
        assert!(rest.iter().filter(|&&c| c != 0.0).count() > rest.len() / 2, "{name}: {rest:?}");
    }
}
