//! C = L − H and the zero cost of normalisation on whole supernets.
//!
//! For a node $X_j$ and the edges into it, $\sum_{e\to j}\sum_oZ_{eo}C_{eo}=\langle\partial L/\partial X_j,X_j\rangle$ by definition of the gates.
//! What arrives at $X_j$ arrives from the output, if $j$ is part of it, and through the edges out of $j$: through an operation of degree $k$
//! with $\epsilon=0$ it is $k\,Z_{eo}C_{eo}$. Summing over the nodes of a cell,
//!
//! $$\sum_eZ_eC_e-\sum_{e\text{ between intermediate nodes}}\ \sum_{o:k_o=1}Z_{eo}C_{eo}=\langle\partial L/\partial Y,Y\rangle ,$$
//!
//! $Y$ the output of the cell. Behind the last cell of the DARTS skeleton stands a linear classifier without bias: the right side is $L-H$.
//! Behind every other cell, and behind the last in the other skeletons, stand ReLU, convolution and BN: the right side is 0.

use nasproof::{
    cost::cross_entropy::CrossEntropy,
    linalg::TestRatio,
    space::{Settings, Skeleton, Space, SpaceName},
    torch::{Network, SpaceNet},
};
use ndarray::Array2;

use super::common::{Case, entries, place, small};

struct Costs {
    case: Case,
    /// Z·C, entry by entry.
    products: Array2<f64>,
    cross_entropy: CrossEntropy,
}

fn costs(name: SpaceName, change: impl FnOnce(&mut Settings)) -> Costs {
    let mut settings = Settings { classifier_bias: false, epsilon: 0.0, ..small(name) };
    change(&mut settings);
    let case = Case::new(SpaceNet::new(Space::new(name, settings).unwrap(), &place()).unwrap(), 6, 13);
    let (_, cost) = case.gradients();
    let shape = case.net.gates().shape();
    let products = Array2::from_shape_vec(shape, entries(&(&case.gates * cost))).unwrap();
    let logits = Array2::from_shape_vec((6, 10), entries(&case.logits().1)).unwrap();
    let labels: Vec<usize> = (0..6).collect();
    let cross_entropy = CrossEntropy::new(&logits, &labels).unwrap();
    Costs { case, products, cross_entropy }
}

/// The left side for a cell, with the size of its terms: each cost is a sum over the pixels of all examples.
fn left(costs: &Costs, cell: usize) -> (f64, f64) {
    let net = &costs.case.net;
    let (mut sum, mut terms) = (0.0, 0.0);
    for row in net.gates().rows(cell) {
        let (from, _) = net.gates().edges[net.gates().place(row).1];
        for (column, &product) in costs.products.row(row).iter().enumerate() {
            terms += product.abs();
            // A skip connection between intermediate nodes has stride 1, and is all that is not normalised.
            let passed_on = from >= net.space().cell().inputs && net.gates().operation(row, column) == "skip_connect";
            sum += if passed_on { 0.0 } else { product };
        }
    }
    (sum, terms)
}

/// 6 examples of 8×8 pixels and 4 channels at the start.
const SUMMANDS: usize = 6 * 64 * 4;

const FAMILY: [SpaceName; 8] = [
    SpaceName::Darts,
    SpaceName::S1,
    SpaceName::S2,
    SpaceName::S3,
    SpaceName::S4,
    SpaceName::Minimal,
    SpaceName::Simplified,
    SpaceName::Modified,
];

#[test]
fn the_cost_of_the_last_cell_is_loss_minus_entropy_and_that_of_the_others_zero() {
    for name in FAMILY {
        let costs = costs(name, |settings| settings.cells = 3);
        let cells = costs.case.net.gates().cells.len();
        for cell in 0..cells {
            let (loss, entropy) = (costs.cross_entropy.loss(), costs.cross_entropy.entropy());
            let expected = if cell + 1 == cells { loss - entropy } else { 0.0 };
            let (sum, terms) = left(&costs, cell);
            let ratio = TestRatio::identity(sum, expected, terms + loss + entropy, SUMMANDS);
            assert!(ratio.passes(), "{name}, cell {cell}: {sum:e} for {expected:e}, ratio {ratio}");
        }
    }
}

#[test]
fn a_bias_of_the_classifier_has_its_remainder() {
    let costs = costs(SpaceName::Minimal, |settings| settings.classifier_bias = true);
    let bias = entries(&costs.case.theta.narrow(0, costs.case.theta.numel() as i64 - 10, 10));
    let expected = costs.cross_entropy.cost_with_bias(&bias).unwrap();
    let (sum, terms) = left(&costs, 0);
    let scale = terms + costs.cross_entropy.loss() + costs.cross_entropy.entropy();
    assert!(TestRatio::identity(sum, expected, scale, SUMMANDS).passes());
    assert!(!TestRatio::identity(sum, costs.cross_entropy.cost(), scale, SUMMANDS).passes());
}

/// With ε > 0 the identity fails, and by an amount that falls like ε.
#[test]
fn what_epsilon_leaves_over_is_of_first_order() {
    let off = |epsilon: f64| {
        let costs = costs(SpaceName::Minimal, |settings| settings.epsilon = epsilon);
        let (sum, terms) = left(&costs, 0);
        let expected = costs.cross_entropy.loss() - costs.cross_entropy.entropy();
        let scale = terms + costs.cross_entropy.loss() + costs.cross_entropy.entropy();
        assert!(!TestRatio::identity(sum, expected, scale, SUMMANDS).passes());
        (sum - expected).abs()
    };
    let order = (off(1e-4) / off(1e-6)).log10() / 2.0;
    assert!((0.9..1.1).contains(&order), "{order}");
}

/// Behind the last node of NAS-Bench-201 and the last cell of NAS-Bench-1Shot1 stands a normalisation.
#[test]
fn normalised_outputs_cost_nothing() {
    let last = costs(SpaceName::Nb201, |_| ());
    let gates = last.case.net.gates();
    let cell = gates.cells.len() - 1;
    let rows: Vec<usize> = gates.rows(cell).filter(|&row| gates.edges[gates.place(row).1].1 == 3).collect();
    let sum = |costs: &Costs, rows: &[usize]| rows.iter().map(|&row| costs.products.row(row).sum()).sum::<f64>();
    let terms = |costs: &Costs, rows: &[usize]| {
        rows.iter().flat_map(|&row| costs.products.row(row).to_vec()).map(f64::abs).sum::<f64>()
    };
    let ratio = TestRatio::identity(sum(&last, &rows), 0.0, terms(&last, &rows), SUMMANDS);
    assert!(ratio.passes() && terms(&last, &rows) > 0.0, "{ratio}");
    let leaking = costs(SpaceName::Nb201, |settings| settings.epsilon = 0.1);
    assert!(!TestRatio::identity(sum(&leaking, &rows), 0.0, terms(&leaking, &rows), SUMMANDS).passes());

    for name in [SpaceName::OneShot1, SpaceName::OneShot2, SpaceName::OneShot3] {
        let costs = costs(name, |_| ());
        assert_eq!(costs.case.net.space().skeleton(), Skeleton::OneShot);
        let gates = costs.case.net.gates();
        for cell in 0..gates.cells.len() {
            // The parents of the output are the last row of a cell.
            let rows = [gates.rows(cell).end - 1];
            let ratio = TestRatio::identity(sum(&costs, &rows), 0.0, terms(&costs, &rows), SUMMANDS);
            assert!(ratio.passes() && terms(&costs, &rows) > 0.0, "{name}, cell {cell}: {ratio}");
        }
    }
}
