//! Every rule for Rust sources fails on a bad example and passes on a good one.

use super::*;

const HEAD: &str = "//! Says what lives here.\n";

fn messages(path: &str, text: &str) -> Vec<String> {
    let found = findings(&File::new(path, text));
    found.iter().map(ToString::to_string).collect()
}

/// What is found in a module with a proper head and this body.
fn body(text: &str) -> Vec<String> {
    messages("crates/core/src/a.rs", &format!("{HEAD}{text}"))
}

fn finds(text: &str, message: &str) {
    let found = body(text);
    assert!(
        found.len() == 1 && found[0].contains(message),
        "expected one finding with `{message}` for {text:?}, got {found:?}"
    );
}

#[test]
fn a_good_module_passes() {
    assert_eq!(body("/// Says hello.\npub fn hello() {}\n"), [""; 0]);
}

#[test]
fn a_long_file_is_found() {
    assert_eq!(body(&"\n".repeat(LINES - 1)), [""; 0]);
    finds(&"\n".repeat(LINES), "501 lines, more than 500: split it");
}

#[test]
fn an_empty_name_is_found() {
    for path in [
        "crates/core/src/utils.rs",
        "crates/core/src/common/zip.rs",
        "crates/core/src/helpers/mod.rs",
    ] {
        let found = messages(path, HEAD);
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        assert!(found[0].contains("does not say what the module holds"));
    }
    finds("mod misc {}", "`mod misc` does not say");
    assert_eq!(body("mod commonly_used {}\n"), [""; 0]);
}

#[test]
fn a_missing_or_empty_head_is_found() {
    let missing = "starts without a `//!` sentence that says what lives here";
    for text in [
        "",
        "use std::fmt;\n",
        "//!\n",
        "//! TODO\n",
        "//! Being written.\n",
    ] {
        let found = messages("crates/core/src/a.rs", text);
        assert_eq!(
            found,
            [format!("crates/core/src/a.rs: {missing}")],
            "{text:?}"
        );
    }
}

#[test]
fn unfinished_work_is_found() {
    finds("fn f() { todo!() }", "`todo!` is unfinished work");
    finds(
        "fn f() { unimplemented!(\"x\") }",
        "`unimplemented!` is unfinished work",
    );
    finds("fn f() { dbg!(1); }", "`dbg!` is unfinished work");
    assert_eq!(body("// no todo!\nconst S: &str = \"todo!\";\n"), [""; 0]);
}

#[test]
fn an_ignored_test_is_found() {
    finds(
        "#[test]\n#[ignore]\nfn t() {}",
        "an ignored test proves nothing",
    );
    finds(
        "#[ignore = \"slow\"]\nfn t() {}",
        "an ignored test proves nothing",
    );
    finds(
        "#[cfg_attr(unix, ignore)]\nfn t() {}",
        "an ignored test proves nothing",
    );
}

#[test]
fn a_test_that_sleeps_is_found() {
    finds(
        "#[cfg(test)]\nmod tests { fn t() { thread::sleep(d) } }",
        ":3: a test that sleeps",
    );
    finds(
        "#[cfg(test)]\nmod tests { async fn t() { sleep(d).await } }",
        "a test that sleeps",
    );
    let found = messages(
        "crates/server/tests/it/main.rs",
        &format!("{HEAD}fn f() {{ sleep(d) }}"),
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(body("fn backoff() { thread::sleep(d) }\n"), [""; 0]);
}

#[test]
fn a_limit_outside_its_home_is_found() {
    finds(
        "const MAX_ENTRIES: usize = 10;",
        "a limit: its place is crates/core/src/limits.rs",
    );
    finds("pub const PAGE_LIMIT: u32 = 50;", "a limit: its place is");
    assert_eq!(body("const MAX: i64 = 99;\n"), [""; 0]);
    assert_eq!(
        body("const MAX_ENTRIES: usize = limits::ZIP_ENTRIES;\n"),
        [""; 0]
    );
    assert_eq!(body("const SYNTAX_MAXIM: &str = \"MAX_A\";\n"), [""; 0]);
    assert_eq!(
        messages(LIMITS, &format!("{HEAD}pub const MAX_A: u8 = 1;\n")),
        [""; 0]
    );
}

#[test]
fn test_names_are_those_that_run() {
    let text = "\
#[test]
fn plain() {}
fn not_a_test() {}
#[tokio::test(flavor = \"multi_thread\")]
#[expect(clippy::too_many_lines, reason = \"a story\")]
async fn with_attributes() {}
proptest! {
    #[test]
    fn property(x in 0..3) {}
}
// #[test]
// fn commented_out() {}
";
    assert_eq!(test_names(text), ["plain", "with_attributes", "property"]);
}
