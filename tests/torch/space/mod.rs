//! The published supernets as networks.

mod activity;
mod common;
mod counts;
mod dense_cell;
