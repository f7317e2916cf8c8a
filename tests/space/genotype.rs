use nasproof::space::{
    CellKind, DartsGenotype, Genotype, GenotypeError, Nb201Genotype, OneShotGenotype, Operation, Space, SpaceName,
};
use ndarray::Array2;
use proptest::prelude::*;

use crate::topology::names;

/// A space and a genotype that its own derivation makes from random strengths.
fn derived() -> impl Strategy<Value = (Space, Genotype)> {
    (names(), prop::collection::vec(0.0..1.0f64, 28 * 8)).prop_map(|(name, strengths)| {
        let space = Space::published(name);
        let mut strengths = strengths.into_iter().cycle();
        let alpha = Array2::from_shape_simple_fn(space.tying().mask().dim(), || strengths.next().unwrap_or(0.0));
        let genotype = space.derive(&alpha).unwrap();
        (space, genotype)
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again((space, genotype) in derived()) {
        let text = genotype.to_string();
        prop_assert_eq!(space.parse_genotype(&text).unwrap(), genotype.clone());
        // Blanks do not matter, except in names.
        let spread = text.replace(',', " ,\n ").replace('=', " = ");
        prop_assert_eq!(space.parse_genotype(&spread).unwrap(), genotype);
    }

    #[test]
    fn a_text_cut_off_anywhere_is_an_error_at_its_end((space, genotype) in derived(), cut in 0.0..1.0f64) {
        let text = genotype.to_string();
        let cut = (cut * text.len() as f64) as usize;
        let error = space.parse_genotype(&text[..cut]).unwrap_err();
        prop_assert!((1..=cut + 1).contains(&error.position), "{error}");
    }

    #[test]
    fn any_text_is_a_genotype_or_an_error(name in names(), text in "\\PC{0,60}") {
        let space = Space::published(name);
        if let Err(GenotypeError { position, .. }) = space.parse_genotype(&text) {
            prop_assert!(position <= text.chars().count() + 1);
        }
    }

    #[test]
    fn the_gates_of_a_derived_cell_are_one_an_edge_that_stays((space, genotype) in derived()) {
        let gates = space.gates_of(&genotype).unwrap();
        prop_assert!(gates.iter().all(|&z| z == 0.0 || z == 1.0));
        prop_assert!(gates.indexed_iter().all(|(at, &z)| z == 0.0 || space.gates().mask[at]));
        let edges: usize = match &genotype {
            Genotype::Nb201(cell) => 15 * cell.nodes.iter().map(Vec::len).sum::<usize>(),
            Genotype::Darts(cell) => {
                let of = |kind| space.gates().cells.iter().filter(|&&k| k == kind).count();
                of(CellKind::Normal) * cell.normal.len() + of(CellKind::Reduction) * cell.reduce.len()
            }
            // What a node without a choice reads has no gate.
            Genotype::OneShot(cell) => {
                let choices = space.gates().edges.iter().filter(|(from, to)| from != to).map(|&(_, to)| to);
                let parents = |to: usize| cell.matrix.iter().filter(|row| row[to]).count();
                9 * (cell.operations.len() + choices.map(parents).sum::<usize>())
            }
        };
        prop_assert_eq!(gates.sum(), edges as f64);
    }
}

/// The published cells (quark0/darts, `cnn/genotypes.py`).
const DARTS_V2: &str = "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), \
    ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], \
    reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), \
    ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])";

#[test]
fn the_published_darts_cell() {
    let cell: DartsGenotype = DARTS_V2.parse().unwrap();
    assert_eq!(cell.normal[7], (Operation::DilConv3x3, 2));
    assert_eq!(cell.reduce_concat, [2, 3, 4, 5]);
    let printed = cell.to_string();
    assert!(printed.ends_with("('max_pool_3x3', 1)], reduce_concat=range(2, 6))"), "{printed}");
    let space = Space::published(SpaceName::Darts);
    let gates = space.gates_of(&Genotype::Darts(cell.clone())).unwrap();
    // The last edge of node 5 from node 2, dil_conv_3x3, in the first cell; and in reduction cell 2 the maximum from node 1.
    assert_eq!((gates[(9 + 2, 6)], gates[(2 * 14 + 9 + 1, 1)]), (1.0, 1.0));

    let message =
        |space: SpaceName| Space::published(space).gates_of(&Genotype::Darts(cell.clone())).unwrap_err().to_string();
    assert!(message(SpaceName::S2).contains("has skip_connect, sep_conv_3x3, not"), "{}", message(SpaceName::S2));
    assert!(message(SpaceName::Minimal).contains("nodes [2, 3, 4, 5]"), "{}", message(SpaceName::Minimal));
    assert!(message(SpaceName::Nb201).contains("no cell of the space nb201"), "{}", message(SpaceName::Nb201));
}

#[test]
fn malformed_texts_say_where_and_what() {
    let nb201 = |text: &str| text.parse::<Nb201Genotype>().unwrap_err().to_string();
    assert_eq!(nb201(""), "at character 1: the end where `|` was expected");
    assert_eq!(
        nb201("|nor_conv_9x9~0|"),
        "at character 2: `nor_conv_9x9` where an operation (none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3) was expected"
    );
    assert_eq!(nb201("|none~0|+|none~1|"), "at character 16: `1|` where node 0 was expected");
    assert_eq!(
        nb201("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x"),
        "at character 48: `x` where the end was expected"
    );
    assert_eq!(nb201("|none~99999999999999999999|"), "at character 7: `999999999999` where a number was expected");

    let darts = |text: &str| text.parse::<DartsGenotype>().unwrap_err().to_string();
    assert_eq!(darts("Genotype(normal=[('sep_conv_3x3', 0]"), "at character 36: `]` where `)` was expected");
    assert_eq!(
        darts("Genotype(normal=[('none', 0) ('none', 1)]"),
        "at character 30: `('none', 1)]` where `,` or `]` was expected"
    );
    let error = darts("Genotype(normal=[], normal_concat=range(0, 9999999999), reduce=[], reduce_concat=[])");
    assert!(error.starts_with("at character 41:") && error.contains("at most 64"), "{error}");

    let one_shot = |text: &str| text.parse::<OneShotGenotype>().unwrap_err().to_string();
    assert_eq!(
        one_shot("ModelSpec(matrix=[[0, 1], [1, 0]], ops=['input', 'output'])"),
        "at character 28: `1, 0]], ops=` where 0: a node reads earlier ones only was expected"
    );
    assert!(one_shot("ModelSpec(matrix=[[0, 1]], ops=['input', 'output'])").contains("a square matrix"));
    assert!(one_shot("ModelSpec(matrix=[[0, 1], [0, 0]], ops=['input'])").contains("a list of 2 names"));
    assert!(one_shot("ModelSpec(matrix=[[0, 1], [0, 0]], ops=['in', 'output'])").contains("'input'"));
}
