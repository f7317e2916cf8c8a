//! The statements of `influence`, one module each: the derivation, then what a run must show.

#[macro_use]
#[path = "../ledger.rs"]
mod ledger;

mod assumption_1;
mod assumption_2;
mod assumption_3;
mod common;
mod corollary_1;
mod definition_1;
mod definition_1_importance;
mod definition_1_importance_data;
mod equation_1;
mod equation_2;
mod equation_3;
mod equation_4;
mod equation_5;
mod equation_6;
mod equation_7;
mod equation_8;
mod figure_2_square;
mod lemma_1;
mod lemma_2;
mod lemma_2_hessian;
mod section_2_quadratic;
mod section_2_softmax;
mod section_3_first_part;
mod section_3_increases;
mod section_4_ones;
mod section_5_fisher_hessian;
mod section_5_neumann;
mod section_5_scaled;
mod section_5_sherman_morrison;
mod section_5_true_fisher;
mod section_6_1_near_optimal;
mod section_6_1_one_skip;
mod section_6_1_poorer;
mod section_6_1_single_run;
mod section_6_1_spaces;
mod section_6_3_convolutions;
mod section_6_4_diagonal;
mod section_6_4_inverse;
mod table_1_darts;
mod table_1_darts_if;
mod table_1_darts_im;
mod table_1_darts_pt;
mod table_1_random;
mod table_2_argmax;
mod table_2_five_of_six;
mod table_3_better;
mod theorem_1;
mod theorem_1_bilevel;
mod theorem_2;
