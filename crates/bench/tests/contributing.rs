//! The recipes of CONTRIBUTING.md name the files that a change touches.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where it is surprised, in its helping functions too"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a change may be needed: everything but tests, which fail by themselves, and the history.
const SEARCHED: [&str; 13] = [
    ".github",
    "README.md",
    "crates",
    "deploy",
    "docs",
    "import-worker",
    "notifier",
    "proto",
    "samples/README.md",
    "status-service",
    "upload-gateway",
    "ARCHITECTURE.md",
    "SECURITY.md",
];

struct Recipe {
    name: String,
    /// The word that the last change of this kind brought.
    example: Option<String>,
    /// Files and folders of the repository.
    paths: BTreeSet<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn recipes() -> Vec<Recipe> {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let (_, recipes) = page.split_once("\n## Recipes\n").expect("the recipes");
    recipes.split("\n### ").skip(1).map(recipe).collect()
}

fn recipe(section: &str) -> Recipe {
    let name = section.lines().next().unwrap().to_owned();
    let example = section.lines().find_map(|line| line.strip_prefix("Example: `")?.strip_suffix("`."));
    let quoted = section.split('`').skip(1).step_by(2);
    let is_page = |text: &str| Path::new(text).extension().is_some_and(|extension| extension == "md");
    let is_path = |text: &&str| !text.contains([' ', '(', ':']) && (text.contains('/') || is_page(text));
    let paths = quoted.filter(is_path).map(|path| path.trim_end_matches('/').to_owned()).collect();
    Recipe { name, example: example.map(str::to_owned), paths }
}

/// Whether a file mentions a word, whether as `two_words`, as `TwoWords` or as `Two-Words`.
fn mentions(file: &Path, word: &str) -> bool {
    let Ok(text) = fs::read_to_string(file) else { return false };
    let word = word.to_lowercase();
    let text = text.to_lowercase();
    text.contains(&word) || text.replace('-', "").contains(&word.replace('_', ""))
}

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    let is_skipped = |name: &str| matches!(name, "target" | "tests" | "tests.rs" | "proptest-regressions");
    if path.file_name().is_some_and(|name| is_skipped(&name.to_string_lossy())) {
        return;
    }
    match fs::read_dir(path) {
        Ok(entries) => {
            for entry in entries {
                files(&entry.unwrap().path(), found);
            }
        }
        Err(_) => found.push(path.to_owned()),
    }
}

#[test]
fn every_file_of_a_recipe_exists_and_knows_its_example() {
    let recipes = recipes();
    assert!(recipes.len() >= 6, "{}", recipes.len());
    for Recipe { name, example, paths } in &recipes {
        assert!(!paths.is_empty(), "{name}");
        for path in paths {
            assert!(root().join(path).exists(), "{name}: {path}");
        }
        if let Some(example) = example {
            let listed: Vec<&String> = paths.iter().filter(|path| mentions(&root().join(path), example)).collect();
            assert!(listed.len() >= 3, "{name}: {listed:?}");
        }
    }
}

#[test]
fn no_file_that_knows_an_example_is_missing_in_its_recipe() {
    let mut searched = Vec::new();
    for path in SEARCHED {
        files(&root().join(path), &mut searched);
    }
    assert!(searched.len() > 500, "{}", searched.len());
    for Recipe { name, example, paths } in recipes() {
        let Some(example) = example else { continue };
        let is_listed = |file: &Path| paths.iter().any(|path| file.starts_with(root().join(path)));
        let missing: Vec<&PathBuf> =
            searched.iter().filter(|file| !is_listed(file) && mentions(file, &example)).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
}
