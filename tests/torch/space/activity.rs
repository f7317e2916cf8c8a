//! What is not active is not there, and what is not there costs nothing.

use nasproof::{
    linalg::TestRatio,
    space::{Settings, Skeleton, Space, SpaceName},
    torch::{Network, SpaceNet},
};
use ndarray::{Array1, Array2};
use tch::Tensor;

use super::common::{Case, entries, network, numbers, place, small};
use crate::device;

/// What rounding of a few normalisations over 4 images of 64 pixels amounts to, where a device adds in another order.
const TERMS: usize = 10 * 4 * 64;

/// A small network of every space, and one of DARTS with partial channels.
fn networks() -> Vec<(String, SpaceNet)> {
    let mut out: Vec<(String, SpaceNet)> =
        SpaceName::ALL.into_iter().map(|name| (name.to_string(), network(name))).collect();
    let settings = Settings { partial: 2, ..small(SpaceName::Darts) };
    let space = Space::new(SpaceName::Darts, settings).unwrap();
    out.push(("partial".to_owned(), SpaceNet::new(space, &place()).unwrap()));
    out
}

/// 1 where it is active, 0 elsewhere.
fn indicator(active: &Array2<bool>) -> Tensor {
    let numbers: Vec<f64> = active.iter().map(|&on| f64::from(u8::from(on))).collect();
    device::tensor(&numbers, &[active.nrows() as i64, active.ncols() as i64])
}

#[test]
fn an_inactive_operation_is_one_with_gate_zero() {
    for (name, net) in networks() {
        let mut case = Case::new(net, 4, 3);
        for row in 0..case.active.nrows() {
            let column = row % case.active.ncols();
            case.active[(row, column)] = false;
        }
        let (_, inactive) = case.logits();
        case.gates = (&case.gates * indicator(&case.active)).detach().set_requires_grad(true);
        case.active = case.net.gates().mask.clone();
        let (_, zeroed) = case.logits();
        let (inactive, zeroed) = (Array1::from(entries(&inactive)), Array1::from(entries(&zeroed)));
        assert!(inactive.iter().any(|&y| y != 0.0), "{name}");
        if name == "partial" {
            // What bypasses the operations is weighed by a sum of gates, and that of seven is not rounded as that of eight, one of them 0.
            // Three cells amplify it.
            let ratio = TestRatio::forward(&inactive, &zeroed, 10.0);
            assert!(ratio.passes(), "{name}: {ratio}");
        } else {
            // Adding 0·O(x) changes nothing, not even by rounding.
            device::same(&inactive.to_vec(), &zeroed.to_vec(), TERMS);
        }
    }
}

/// One operation at a time, everywhere it is offered: the shape is right, its gates cost something unless it is none (or cannot reach the
/// logits), and those of the others nothing.
#[test]
fn every_operation_of_every_space_by_itself() {
    for (name, net) in networks() {
        let mut case = Case::new(net, 4, 11);
        let mask = case.net.gates().mask.clone();
        for column in 0..mask.ncols() {
            // A choice of parents (NAS-Bench-1Shot1) stays: a node without any is zero.
            let gates = case.net.gates();
            let chosen = |row: usize| {
                let (from, to) = gates.edges[gates.place(row).1];
                case.net.space().skeleton() == Skeleton::OneShot && from != to
            };
            case.active = Array2::from_shape_fn(mask.dim(), |at| mask[at] && (at.1 == column || chosen(at.0)));
            let (_, logits) = case.logits();
            assert_eq!(logits.size(), [4, 10], "{name} column {column}");
            assert!(entries(&logits).iter().all(|y| y.is_finite()), "{name} column {column}");
            let (gradient, cost) = case.gradients();
            assert_eq!(gradient.numel(), case.theta.numel());
            if !cost.defined() {
                assert_eq!(case.net.gates().operation(0, column), "none", "{name}");
                continue;
            }
            let cost = Array2::from_shape_vec(mask.dim(), entries(&cost)).unwrap();
            for (at, &c) in cost.indexed_iter() {
                let none = case.net.gates().operation(at.0, at.1) == "none";
                // Partial channels weigh what bypasses the operations by the sum of the gates, that of none among them.
                assert!(c == 0.0 || (case.active[at] && (!none || name == "partial")), "{name} {at:?}: {c}");
            }
            let paid = cost.iter().filter(|&&c| c != 0.0).count();
            let none = case.net.gates().operation(0, column) == "none" && name != "partial";
            assert!(none || paid > 0, "{name} column {column}");
        }
    }
}

#[test]
fn none_costs_nothing_and_can_still_be_differentiated() {
    for (name, net) in networks() {
        if net.gates().operation(0, 0) != "none" || name == "partial" {
            continue;
        }
        let case = Case::new(net, 4, 5);
        let (_, cost) = case.gradients();
        let none = entries(&cost.select(1, 0));
        assert!(none.iter().all(|&c| c == 0.0), "{name}: {none:?}");
        let rest = entries(&cost.narrow(1, 1, cost.size()[1] - 1));
        assert!(rest.iter().filter(|&&c| c != 0.0).count() > rest.len() / 2, "{name}: {rest:?}");
    }
}

/// With every gate and weight asked for, a second backward pass goes through each operation and agrees with differences of first ones.
#[test]
fn second_derivatives_agree_with_differences_of_first_ones() {
    for (name, net) in networks() {
        let mut case = Case::new(net, 4, 21);
        let v = device::flat(&numbers(23, case.theta.numel(), -1.0, 1.0));
        let (leaves, loss) = case.loss();
        let first = Tensor::run_backward(&[loss], &[&leaves[0], &case.gates], true, true);
        let along = first[0].dot(&v);
        let second = Tensor::run_backward(&[along], &[&leaves[0], &case.gates], false, false);
        let theta = case.theta.shallow_clone();
        let mut difference = |h: f64| {
            case.theta = &theta + &v * h;
            let (up_gradient, up_cost) = case.gradients();
            case.theta = &theta - &v * h;
            let (down_gradient, down_cost) = case.gradients();
            [(up_gradient - down_gradient) / (2.0 * h), (up_cost - down_cost) / (2.0 * h)]
        };
        let relative = |a: &Tensor, b: &Tensor| f64::try_from((a - b).norm() / b.norm()).unwrap();
        // Rounding of the first derivatives, u·‖∇‖ each with what ten normalisations amplify it by, is divided by h; kinks crossed in between
        // are as likely as h is long. Neither explains more than √u at h = √u; a wrong term is of order one.
        let h = f64::EPSILON.sqrt();
        for (exact, approximate) in second.iter().zip(difference(h)) {
            let error = relative(exact, &approximate);
            assert!(error < 1e3 * h, "{name}: {error:e}");
        }
    }
}

#[test]
fn noise_is_decided_by_the_seed() {
    let mut case = Case::new(network(SpaceName::S4), 4, 3);
    let first = entries(&case.logits().1);
    device::same(&first, &entries(&case.logits().1), TERMS);
    case.seed = 8;
    assert_ne!(first, entries(&case.logits().1));
}

#[test]
fn what_does_not_fit_is_an_error() {
    let mut case = Case::new(network(SpaceName::Darts), 4, 3);
    let message = |case: &Case| case.try_logits().unwrap_err().to_string();
    let images = std::mem::replace(&mut case.images, device::tensor(&[0.0; 4 * 3 * 72], &[4, 3, 9, 8]));
    assert!(message(&case).contains("N×3×8×8"), "{}", message(&case));
    case.images = images;
    let active = std::mem::replace(&mut case.active, Array2::from_elem((2, 2), true));
    assert!(message(&case).contains("42×8"), "{}", message(&case));
    case.active = active;
    case.theta = case.theta.narrow(0, 0, 10);
    assert!(message(&case).contains("one flat vector"), "{}", message(&case));
}

/// Edges draw noise of their own: where two into one node exchange their gates, the logits change.
#[test]
fn each_edge_has_its_own_noise() {
    let mut case = Case::new(network(SpaceName::S4), 4, 9);
    let (gates, first) = (case.net.gates().clone(), case.net.gates().rows(2).start);
    case.active.indexed_iter_mut().for_each(|((row, column), on)| *on = gates.operation(row, column) == "noise");
    assert!(case.active.rows().into_iter().all(|row| row.iter().filter(|on| **on).count() == 1));
    let before = Array1::from(entries(&case.logits().1));
    let mut order: Vec<i64> = (0..case.active.nrows() as i64).collect();
    order.swap(first, first + 1);
    case.gates = case.gates.index_select(0, &device::integers(&order)).detach();
    let ratio = TestRatio::forward(&Array1::from(entries(&case.logits().1)), &before, 100.0);
    assert!(!ratio.passes(), "{ratio}");
}
