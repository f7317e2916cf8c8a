//! Homogeneity, normalisation, cross-entropy and the distribution of cost, against slow oracles.

mod cross_entropy;
mod distribution;
mod exact;
mod homogeneity;
mod normalisation;
mod oracle;
mod refusals;
mod samples;
