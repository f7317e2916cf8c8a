#![doc = include_str!("definition-1-importance.md")]

use nasproof::relaxation::softmax;
use ndarray::array;

decided!("influence.definition-1-importance", Refuted => Holds);

/// The example of the text.
#[test]
fn a_constant_on_the_logits_changes_no_gate() {
    let gates = softmax::gates(&array![[0.0, 0.0]]);
    assert_eq!(softmax::push(&gates, &array![[1.0, 1.0]]), array![[0.0, 0.0]]);
}
