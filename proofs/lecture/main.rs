//! The statements of `lecture`, one module each: the derivation, then what a run must show.

#[macro_use]
#[path = "../ledger.rs"]
mod ledger;

mod bilevel;
mod consistently;
mod consistently_cifar;
mod degenerated;
mod dirichlet_dense;
mod dirichlet_sparse;
mod drnas_gradient;
mod drnas_objective;
mod drnas_selection;
mod drnas_simplex;
mod drnas_trace;
mod first_order;
mod first_order_solution;
mod gumbel_max;
mod gumbel_softmax;
mod magnitude;
mod more_epochs;
mod oracle;
mod perturbation;
mod preserved;
mod sdarts_adversarial;
mod sdarts_adversarial_objective;
mod sdarts_random;
mod sdarts_random_objective;
mod sharp;
mod sharp_minimum;
mod sharpness;
mod skip;
mod skip_weight;
mod smooth_darts;
mod smoother;
mod space_3;
mod spaces;
mod step;
mod strength_darts;
mod strength_s2;
mod table_darts;
mod table_darts_space;
mod table_drnas;
mod table_dsnas;
mod table_enas;
mod table_gdas;
mod table_optimal;
mod table_pc_darts;
mod table_random;
mod table_reinforce;
mod table_resnet;
mod table_rsps;
mod table_s1_s4;
mod table_snas;
mod table_validation;
mod time;
