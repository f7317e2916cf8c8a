#![doc = include_str!("equation-10.md")]

use nasproof::relaxation::{
    one_hot,
    resource::{Constraint, Prices, Resources},
};
use ndarray::Array2;
use proptest::{collection::vec, prelude::*};

decided!("snas.equation-10", Holds);

proptest! {
    /// In integers: the price of an architecture is the sum of the prices of its operations.
    #[test]
    fn an_architecture_costs_what_its_operations_cost(takes in vec(0u16..100, 36), prices in vec(0u16..100, 3), chosen in vec(0usize..4, 3)) {
        let number = |k: usize| f64::from(takes[k]);
        let resources = Array2::from_shape_fn((3, 4), |(e, o)| {
            let k = 3 * (4 * e + o);
            Resources { parameters: number(k), flops: number(k + 1), memory_access: number(k + 2) }
        });
        let [parameters, flops, memory_access] = [0, 1, 2].map(|k| f64::from(prices[k]));
        let constraint = Constraint::priced(&resources, Prices { parameters, flops, memory_access }).unwrap();
        let expected: f64 = chosen
            .iter()
            .enumerate()
            .map(|(e, &o)| resources[(e, o)])
            .map(|r| parameters * r.parameters + flops * r.flops + memory_access * r.memory_access)
            .sum();
        prop_assert_eq!(constraint.of(&one_hot(4, &chosen)), expected);
    }
}
