//! Formulas and sentences of the papers without an entry of their own: the claim that decides each.

use std::collections::BTreeSet;

use nasproof::claims;

/// The paper, what is printed, and the claim that decides it.
const COVERED: [(&str, &str, &str); 52] = [
    ("lecture", "Final architecture: [α1, α2, α3] is a one-hot vector", "snas.equation-2"),
    ("lecture", "α̂ by the magnitude of α, again under Architecture Selection", "lecture.magnitude"),
    ("lecture", "training the supernet only once", "lecture.time"),
    ("lecture", "Backprop on all the operations on each edge ⇒ K times memory consumption", "lecture.time"),
    ("lecture", "A good continuous solution doesn't imply a good discrete solution", "lecture.sharpness"),
    ("lecture", "Gap between continuous and discrete solutions can be estimated by sharpness", "lecture.sharpness"),
    ("lecture", "H = ∇²_α L_val(w*, α*) is the Hessian", "lecture.sharpness"),
    ("lecture", "[α1, …, αk] defines a distribution over operations", "lecture.gumbel-max"),
    ("lecture", "This enables back-propagation to [α1, …, αK] (reparameterization trick)", "snas.equation-28"),
    ("lecture", "SNAS: use Gumbel softmax with annealed temperature in DARTS", "snas.equation-5"),
    ("lecture", "[α1, …, αK] ∼ Dir([β1, …, βK])", "lecture.drnas-simplex"),
    ("lecture", "L̃_val(w*, μ) = L_val(w*, Softmax(μ))", "lecture.drnas-trace"),
    ("lecture", "Make supernet robust to α perturbation", "lecture.sdarts-random-objective"),
    ("lecture", "Update w based on α'; update α based on w", "lecture.sdarts-random"),
    ("lecture", "Does α_skip > α_conv mean skip connection is better than convolution?", "lecture.magnitude"),
    ("lecture", "Does α represent operation strength? Probably Not!", "lecture.magnitude"),
    ("lecture", "Skip connection stands out if we select the best operation based on α", "lecture.skip"),
    ("lecture", "Fine-tune the solution, and move to the next edge", "lecture.perturbation"),
    ("lecture", "Darts+PT (fix α)*, twelve rows", "lecture.consistently"),
    ("influence", "α̂ = argmax(α)", "lecture.magnitude"),
    ("influence", "approximate the validation performance drop when removing a training point", "influence.equation-3"),
    ("influence", "the true validation loss change should be 𝓛(θ̂*, α̂) − 𝓛(θ*, α)", "influence.section-3-first-part"),
    ("influence", "the error bound of our approximation is related to Δα", "influence.section-3-increases"),
    ("influence", "which needs to repeat n times", "poster.algorithm-1"),
    ("influence", "we follow DARTS to utilize the finite difference approximation", "influence.theorem-2"),
    ("influence", "with only consider the first t terms to approximate H⁻¹", "influence.lemma-1"),
    ("influence", "the empirical Fisher can not exactly match the true Fisher", "influence.lemma-2-hessian"),
    ("influence", "F = 1/n Σ ∇𝓛_j(∇𝓛_j)ᵀ", "influence.lemma-2"),
    ("influence", "DARTS-IF and DARTS-IM outperform baselines by large margins", "influence.table-1-darts-im"),
    ("influence", "the diagonal approximation of the inverse Hessian", "influence.section-6.4-diagonal"),
    ("poster", "α̂ = argmax(α)", "lecture.magnitude"),
    ("poster", "a large change on α brings more error in estimation", "influence.section-3-increases"),
    ("poster", "Table 2", "influence.table-2-argmax"),
    ("poster", "Table 3", "influence.table-3-better"),
    ("poster", "Table 4, row 'Random baseline', test", "influence.table-1-random"),
    ("poster", "Table 4, row 'DARTS-IM', test", "influence.table-1-darts-im"),
    ("snas", "p(lim Z = 1) = α/Σα, making this relaxation unbiased once converged", "snas.section-2.2-unbiased"),
    ("snas", "R(Z) = L_θ(Z)", "snas.equation-4"),
    ("snas", "2.85 ± 0.02% with only 2.8M parameters, better than 3.00 ± 0.14%-3.3M", "snas.section-3.2-outperforms"),
    ("snas", "on par with 2.76 ± 0.09%-3.3M from 2nd-order DARTS", "snas.section-3.2-comparable"),
    ("snas", "maintains the search validation accuracy, significantly outperforming 54.66%", "snas.section-3.1-child"),
    ("snas", "27.3% top-1 error […] comparable to 26.9%", "snas.section-3.3-orders"),
    ("snas", "the distribution at each edge (i, j) is optimized with local penalty", "snas.equation-11"),
    ("snas", "this transformation introduces unbounded bias", "snas.section-b-unbounded"),
    ("snas", "there is no bias introduced [by independence]", "snas.section-b-independent"),
    ("wiring", "𝓛^DARTS and 𝓛^Proxyless, appendix B", "wiring.section-4-proxyless"),
    ("wiring", "The cost sum in one batch decreases locally if ∂E[L]/∂t < ∂E[H]/∂t", "wiring.section-5.2-dynamics"),
    ("wiring", "training θ is also minimizing the cost", "wiring.section-5.2-trend"),
    ("wiring", "every edge drops and almost none of them finally recovers", "wiring.section-3-failure"),
    ("wiring", "In training, cost decreases from positive and eventually turns negative", "wiring.hypothesis-training"),
    ("wiring", "promoting the tendency of growth in topology", "wiring.remark-1"),
    ("wiring", "the cost sum in bi-level optimization becomes more and more positive", "wiring.remark-4"),
];

#[test]
fn what_has_no_entry_of_its_own_is_decided_by_one_that_exists() {
    let ids: BTreeSet<&str> = claims::all().iter().map(|claim| claim.id).collect();
    let mut seen = BTreeSet::new();
    for (paper, printed, id) in COVERED {
        assert!(ids.contains(id), "{paper}: `{printed}` is said to be decided by {id}, which does not exist");
        assert!(seen.insert((paper, printed)), "{paper}: `{printed}` twice");
    }
}
