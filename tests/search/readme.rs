//! The README shows the example as it is compiled and run.

#[test]
fn the_system_in_the_readme_is_the_example() {
    let (readme, example) = (include_str!("../../README.md"), include_str!("../../examples/own_system.rs"));
    let start = example.find("use nasproof").unwrap();
    let system = example[start..example.find("\nfn main").unwrap()].trim_end();
    assert!(system.contains("impl<P: Supernet> System<P>") && system.ends_with("\n}"), "{system}");
    assert!(
        readme.contains(&format!("```rust\n{system}\n```")),
        "README.md does not show examples/own_system.rs as it is"
    );
}
