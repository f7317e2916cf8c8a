//! The claims on the theory's rooms that a few cases decide in hundredths of a second: every verdict the expected one, every control rejected.

use nasproof::claims::{self, Settings};

const FEW: Settings = Settings { cases: 3, seed: 0 };

/// Of `influence` and `poster`: costs, retraining, series and recursions. Of `wiring`: every identity of normalisation, loss and cost.
const QUICK: [&str; 71] = [
    "influence.section-2-softmax",
    "influence.equation-2",
    "influence.equation-3",
    "influence.equation-5",
    "influence.corollary-1",
    "influence.definition-1",
    "influence.lemma-1",
    "influence.section-5-sherman-morrison",
    "influence.lemma-2",
    "influence.lemma-2-hessian",
    "influence.section-6.4-inverse",
    "influence.section-6.4-diagonal",
    "influence.section-2-quadratic",
    "influence.section-3-first-part",
    "influence.section-4-ones",
    "influence.definition-1-importance",
    "influence.theorem-1",
    "poster.equation-1",
    "poster.corollary-1",
    "poster.algorithm-2",
    "poster.lemma-1",
    "poster.lemma-2",
    "poster.equation-7",
    "wiring.theorem-1",
    "wiring.theorem-1-operation",
    "wiring.theorem-1-skip",
    "wiring.theorem-1-normalisations",
    "wiring.corollary-1.1",
    "wiring.theorem-2",
    "wiring.theorem-2-monotone",
    "wiring.theorem-2-high",
    "wiring.theorem-2-loss",
    "wiring.theorem-2-high-inequality",
    "wiring.section-2.2-gumbel",
    "wiring.section-4-snas",
    "wiring.section-4-dsnas",
    "wiring.section-4-one-hot",
    "wiring.section-4-darts",
    "wiring.section-4-proxyless",
    "wiring.equation-1",
    "wiring.equation-2",
    "wiring.equation-3",
    "wiring.equation-4",
    "wiring.equation-4-darts",
    "wiring.equation-6",
    "wiring.definition-1",
    "wiring.remark-1",
    "wiring.remark-3",
    "wiring.remark-4",
    "wiring.footnote-7-pooling",
    "wiring.equation-14",
    "wiring.equation-16",
    "wiring.equation-17-chain",
    "wiring.equation-17-partials",
    "wiring.equation-17-closed",
    "wiring.equation-18-mean",
    "wiring.equation-18-variance",
    "wiring.equation-19-line-1",
    "wiring.equation-19-line-2",
    "wiring.equation-19-line-3",
    "wiring.equation-19-line-4",
    "wiring.equation-19-line-5",
    "wiring.equation-21-line-5",
    "wiring.equation-21-line-7",
    "wiring.appendix-d-projection",
    "wiring.section-5.2-trend",
    "wiring.equation-23",
    "wiring.equation-24",
    "wiring.equation-25-edge-0",
    "wiring.appendix-h.2-conv-relu-bn",
    "wiring.appendix-h.2-conv-bn-relu",
];

#[test]
fn quick_claims_are_as_expected() {
    let claims = claims::select(&QUICK.map(str::to_owned)).unwrap();
    for record in claims::verify(&claims, FEW) {
        assert!(record.as_expected(), "{record:#?}");
    }
}
