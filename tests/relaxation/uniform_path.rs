use nasproof::{
    relaxation::{Draw, Relaxation, UniformPath},
    space::{Choices, Decision, Space, SpaceName},
};
use ndarray::{Array1, Array2, array};

use super::oracle::{counts, frequencies_fit, rng};

#[test]
fn every_operation_that_there_is_is_as_likely_and_alpha_has_no_say() {
    let mut rng = rng(1);
    let alpha = array![[5.0, -3.0, 0.0, f64::NEG_INFINITY], [0.0, 0.0, 0.0, 0.0]];
    let uniform = UniformPath::new(&Choices::one_each(alpha.mapv(f64::is_finite)));
    let counts = counts((2, 4), 20_000, || {
        let draw = uniform.sample(&alpha, &mut rng);
        assert!(draw.active().iter().zip(draw.gates()).all(|(&on, &z)| on == (z == 1.0)));
        assert!(draw.pull_back(&alpha.mapv(|_| 1.0)).iter().all(|&g| g == 0.0));
        draw.gates().clone()
    });
    let p = uniform.strengths(&alpha);
    assert_eq!(p, array![[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0], [0.25; 4]]);
    for e in 0..2 {
        assert!(frequencies_fit(&counts.row(e).to_owned(), &p.row(e).to_owned()));
    }
    assert!(!frequencies_fit(&counts.row(0).to_owned(), &array![0.32, 0.34, 0.34, 0.0]));
}

/// Two of three edges, with 1, 2 and 3 operations, and two of three parents: $1\cdot2+1\cdot3+2\cdot3=11$ pairs of operations, 3 of parents.
fn cells() -> (Choices, Vec<Array2<f64>>) {
    let allowed = array![[false, true, false], [true, true, false], [true, true, true], [true, true, true]];
    let decisions = vec![Decision::Edges { rows: vec![0, 1, 2], keep: 2 }, Decision::Parents { row: 3, keep: 2 }];
    let choices = Choices::new(allowed, decisions).unwrap();
    let mut all = Vec::new();
    // Every array of 0 and 1 that keeps the rules.
    for bits in 0..1 << 12u32 {
        let z = Array2::from_shape_fn((4, 3), |(e, o)| f64::from(bits >> (3 * e + o) & 1));
        let sums: Vec<f64> = z.rows().into_iter().map(|row| row.sum()).collect();
        let there = z.iter().zip(choices.allowed()).all(|(&z, &may)| may || z == 0.0);
        if there && sums[..3].iter().all(|&s| s <= 1.0) && sums[..3].iter().sum::<f64>() == 2.0 && sums[3] == 2.0 {
            all.push(z);
        }
    }
    (choices, all)
}

#[test]
fn every_cell_is_as_likely_where_edges_have_different_numbers_of_operations() {
    let (choices, all) = cells();
    assert_eq!(all.len(), 33);
    let (uniform, alpha) = (UniformPath::new(&choices), Array2::zeros((4, 3)));
    let mut rng = rng(2);
    let mut counts = Array1::zeros(all.len());
    for _ in 0..20_000 {
        let draw = uniform.sample(&alpha, &mut rng);
        counts[all.iter().position(|cell| cell == draw.gates()).unwrap()] += 1.0;
    }
    assert!(frequencies_fit(&counts, &Array1::from_elem(33, 1.0 / 33.0)));
    // Edges at random and then operations at random would be another distribution.
    let pairs = |cell: &Array2<f64>| -> f64 {
        let numbers = [1.0, 2.0, 3.0];
        (0..3).filter(|&e| cell.row(e).sum() > 0.0).map(|e| 1.0 / numbers[e]).product::<f64>() / 9.0
    };
    assert!(!frequencies_fit(&counts, &all.iter().map(pairs).collect()));
    // The strengths are how often each gate is open.
    let mean = all.iter().fold(Array2::zeros((4, 3)), |sum, cell| sum + cell) / 33.0;
    let strengths = uniform.strengths(&alpha);
    let same = |(got, expected): (&f64, &f64)| nasproof::linalg::TestRatio::identity(*got, *expected, 1.0, 33).passes();
    assert!(strengths.iter().zip(&mean).all(same), "{strengths} {mean}");
}

/// Each draw is a cell of the space: derived from itself, it is what it was.
#[test]
fn cells_of_every_space_are_drawn() {
    let mut rng = rng(3);
    for name in SpaceName::ALL {
        let space = Space::published(name);
        let choices = space.choices();
        let (uniform, alpha) = (UniformPath::new(&choices), Array2::zeros(space.tying().mask().dim()));
        for _ in 0..50 {
            let gates = uniform.sample(&alpha, &mut rng).gates().clone();
            assert_eq!(space.opened(&space.derive(&gates).unwrap()).unwrap(), gates, "{name}");
        }
    }
}
