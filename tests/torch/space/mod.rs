//! The published supernets as networks.

mod activity;
mod average;
mod child;
pub mod common;
mod conservation;
mod counts;
mod dense_cell;
mod euler;
mod model;
mod naive;
mod naive_nb201;
mod one_shot;
mod statistics;
mod wiring_cell;
