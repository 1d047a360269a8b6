//! What the documents say can be typed, can be.

use super::*;

/// The program's name and what stands for it in a checkout.
const STARTS: [&str; 2] = ["movinet-tf ", "cargo run --release -- "];

/// README.md and docs/*.md.
fn documents() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs_err::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages = docs.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let read = |path: PathBuf| (path.display().to_string(), fs_err::read_to_string(&path).unwrap());
    pages.chain([root.join("README.md")]).map(read).collect()
}

/// The lines of a document that are in fenced blocks, those that end in a backslash with the next one.
fn fenced(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        match lines.last_mut().filter(|last| last.ends_with('\\')) {
            Some(last) => *last = format!("{}{}", last.trim_end_matches('\\'), line.trim_start()),
            None if inside && !fence => lines.push(line.to_owned()),
            None => {}
        }
    }
    lines
}

/// The words of a command of ours, without its comment and what it is piped to; `None` for other lines.
fn words(line: &str) -> Option<Vec<&str>> {
    let rest = STARTS.iter().find_map(|start| line.strip_prefix(start))?;
    let command = rest.split("  #").next()?.split(" | ").next()?;
    Some(std::iter::once("movinet-tf").chain(command.split_whitespace()).collect())
}

#[test]
fn commands_are_told_from_comments_and_pipes() {
    assert_eq!(words("movinet-tf doctor     # what is found"), Some(vec!["movinet-tf", "doctor"]));
    assert_eq!(words("movinet-tf show a0-base --json | jq ."), Some(vec!["movinet-tf", "show", "a0-base", "--json"]));
    assert_eq!(words("cargo run --release -- compare"), Some(vec!["movinet-tf", "compare"]));
    assert_eq!(words("cargo test --release"), None);
    assert_eq!(fenced("a\n```sh\nb \\\n  c\nd\n```\ne"), ["b c", "d"]);
}

#[test]
fn the_commands_in_the_documents_parse() {
    let mut found = 0;
    for (document, text) in documents() {
        for line in fenced(&text) {
            let Some(words) = words(&line) else { continue };
            let parsed = Arguments::command().try_get_matches_from(words);
            assert!(parsed.is_ok(), "{document}: {line}\n{}", parsed.unwrap_err());
            found += 1;
        }
    }
    assert!(found >= 15, "only {found} commands are in the documents");
}

#[test]
fn the_examples_in_the_help_parse() {
    let mut found = 0;
    for command in Arguments::command().get_subcommands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in help.lines().map(str::trim) {
            // What an example is for stands behind it, without a mark.
            let Some(words) = line.split("  ").next().and_then(words) else { continue };
            let parsed = Arguments::command().try_get_matches_from(words);
            assert!(parsed.is_ok(), "{line}\n{}", parsed.unwrap_err());
            found += 1;
        }
    }
    assert!(found >= 15, "only {found} examples are in the help");
}

#[test]
fn what_stands_behind_the_options_keeps_its_lines() {
    let program = Arguments::command();
    for command in std::iter::once(&program).chain(program.get_subcommands()) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in help.lines() {
            assert!(line.chars().count() <= WIDTH, "{}: this is broken in two: {line}", command.get_name());
        }
    }
}

#[test]
fn the_command_line_contradicts_itself_nowhere() {
    Arguments::command().debug_assert();
}
