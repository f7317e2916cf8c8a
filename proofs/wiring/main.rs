//! The statements of `wiring`, one module each: the derivation, then what a run must show.
#[test]
fn x() {
    use nasproof::claims::{self, Settings};
    let claims: Vec<_> = claims::wiring::claims();
    for r in claims::verify(&claims, Settings::default()) {
        println!("{} as_expected={}", r.id, r.as_expected());
        println!(
            "   printed {} {:?} {:?}",
            r.printed.verdict,
            r.printed.worst_ratio,
            r.printed.counterexample.as_ref().map(|c| serde_json::to_string(c).unwrap())
        );
        if let Some(c) = &r.corrected {
            println!(
                "   corrected {} {:?} {:?}",
                c.verdict,
                c.worst_ratio,
                c.counterexample.as_ref().map(|c| serde_json::to_string(c).unwrap())
            );
        }
        println!("   control {:?}", r.control);
    }
}
