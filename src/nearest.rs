//! What a name that nobody has was meant to be.

/// Below this, `jaro_winkler` calls near what a reader would not.
const NEAR: f64 = 0.8;
/// What is that much less like it than the best is not named beside it.
const APART: f64 = 0.05;

/// "did you mean … or …? " with the at most three of `names` that are most like `given`; nothing where none is near.
pub fn suggestion<S: AsRef<str>>(given: &str, names: impl IntoIterator<Item = S>) -> String {
    let given = given.to_lowercase();
    let like = |name: S| (strsim::jaro_winkler(&given, name.as_ref()), format!("`{}`", name.as_ref()));
    let mut near: Vec<(f64, String)> = names.into_iter().map(like).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let least = near.first().map_or(NEAR, |best| (best.0 - APART).max(NEAR));
    let near: Vec<String> = near.into_iter().take(3).filter(|(like, _)| *like > least).map(|(_, name)| name).collect();
    if near.is_empty() { String::new() } else { format!("did you mean {}? ", near.join(" or ")) }
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    const NAMES: [&str; 5] = ["darts-1st", "darts-2nd", "snas", "all", "1shot1-1"];

    #[test]
    fn what_is_near_is_named() {
        assert_eq!(suggestion("SNAS", NAMES), "did you mean `snas`? ");
        assert_eq!(suggestion("darts", NAMES), "did you mean `darts-1st` or `darts-2nd`? ");
        assert_eq!(suggestion("1shot1", NAMES), "did you mean `1shot1-1`? ");
        // The other begins alike, and yet is not what was meant.
        assert_eq!(suggestion("darts-1s", NAMES), "did you mean `darts-1st`? ");
        assert_eq!(suggestion("node", ["node-1", "node-2", "node-3", "node-4"]).matches('`').count(), 2 * 3);
    }

    #[test]
    fn what_is_not_near_is_not() {
        assert_eq!(suggestion("foo", NAMES), "");
        assert_eq!(suggestion("resnet", NAMES), "");
        assert_eq!(suggestion("", NAMES), "");
        assert_eq!(suggestion("snas", [""; 0]), "");
    }
}
