//! Relaxations against enumeration, quadrature and dual numbers; each check also sees one factor altered and must reject it.

mod binary_gate;
mod concrete;
mod controller;
mod dirichlet;
mod edge_normalised;
mod hard_soft;
mod one_hot;
mod oracle;
mod perturbed;
mod resource;
mod sharing;
mod softmax;
mod uniform_path;
