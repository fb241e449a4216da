//! Pages get new addresses during an import.

use std::fs;

use rethread_tests::{Rethread, Serve, comment_rows, rows, sample, unpacked};

const RULES: &str = "from,to\n\
    larchwood-trails.example/2019,https://trails.example/archive/\n\
    http://www.larchwood-trails.example,trails.example\n";

fn keys(rows: &[String]) -> Vec<&str> {
    rows.iter().filter(|row| row.starts_with("page")).map(|row| row.split('"').nth(3).unwrap()).collect()
}

#[test]
fn a_page_that_the_file_has_twice_is_told_as_merged() {
    let rethread = Rethread::new();
    let receipt = rethread.import(&sample("disqus.xml.gz"), &[]).json();
    assert_eq!(receipt["merged_pages"], 1, "{receipt:#}");
    let merged = &receipt["merged"][0];
    assert_eq!(merged["url_id"], "larchwood-trails.example/2019/07/boots-or-trail-shoes");
    let urls = [
        "http://larchwood-trails.example/2019/07/boots-or-trail-shoes?utm_source=newsletter",
        "https://www.larchwood-trails.example/2019/07/boots-or-trail-shoes/",
    ];
    assert_eq!(merged["urls"], serde_json::json!(urls));
    let summary = rethread.run(&["import", sample("disqus.xml.gz").to_str().unwrap()]).stdout;
    assert!(summary.contains("1 page was found under several addresses"), "{summary}");
}

#[tokio::test]
async fn rules_move_pages_here_and_on_a_server() {
    let here = Rethread::new();
    let table = here.data().join("rules.csv");
    fs::write(&table, RULES).unwrap();
    let table = table.to_str().unwrap().to_owned();
    let file = sample("disqus.xml.gz");
    let plain = here.import(&file, &[]).json();
    let moved = here.import(&file, &["--map", &table]).json();
    assert_eq!(moved["outcome"]["unchanged"], plain["outcome"]["created"], "no comment is touched: {moved:#}");
    assert_eq!(moved["pages"], plain["pages"]);
    let stored = rows(here.data());
    let moved_keys = keys(&stored);
    assert!(moved_keys.iter().all(|key| key.starts_with("trails.example/")), "{moved_keys:?}");
    assert!(moved_keys.contains(&"trails.example/archive/07/boots-or-trail-shoes"), "{moved_keys:?}");
    assert!(moved_keys.iter().any(|key| key.starts_with("trails.example/2020/")), "{moved_keys:?}");

    let there = Rethread::new();
    let token = there.run(&["token", "create", "--account", "default", "--name", "ann"]).stdout.trim().to_owned();
    let serve = Serve::start(&there, &[]).await;
    // The largest table that fits into an address.
    let many = format!("{RULES}{}", "never.example/a/b/c/d/e/f,x.example\n".repeat(900));
    fs::write(&table, many).unwrap();
    let server = format!("http://{}", serve.api.address());
    let arguments = ["--map", &table, "--server", &server, "--token", &token];
    let finished = here.import(&file, &arguments);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert_eq!(rows(there.data()), stored);
}

#[test]
fn a_faulty_table_stops_the_command_before_anything() {
    let rethread = Rethread::new();
    let table = rethread.data().join("rules.csv");
    fs::write(&table, "from,to\na.example,b.example\na.example\n").unwrap();
    let finished = rethread.import(&sample("disqus.xml.gz"), &["--map", table.to_str().unwrap()]);
    assert_eq!(finished.code, Some(2));
    assert!(finished.stdout.contains("line 3"), "{}", finished.stdout);
    let missing = rethread.import(&sample("disqus.xml.gz"), &["--map", "/no/such/table.csv"]);
    assert_eq!(missing.code, Some(2));
    let wrong = rethread.import(&sample("disqus.xml.gz"), &["--site-url", "example.com"]);
    assert_eq!(wrong.code, Some(2));
    assert_eq!(rethread_tests::files_under(rethread.data()), [table], "no store was made");
}

#[test]
fn a_conversation_on_a_test_machine_is_told_and_kept() {
    let rethread = Rethread::new();
    let file = rethread.data().join("posts.xml");
    let whole = String::from_utf8(unpacked("disqus.xml.gz")).unwrap();
    let link = "https://www.larchwood-trails.example/2019/05/the-loop-behind-the-quarry/";
    let at_home = whole.replace(link, "http://localhost:4000/2019/05/the-loop-behind-the-quarry/");
    assert_ne!(at_home, whole);
    fs::write(&file, &at_home).unwrap();
    let receipt = rethread.import(&file, &[]).json();
    assert_eq!(receipt["findings"]["repaired"]["page_elsewhere"], 1, "{receipt:#}");
    assert_eq!(receipt["outcome"]["created"], 26, "{receipt:#}");

    let table = rethread.data().join("rules.csv");
    fs::write(&table, "from,to\nlocalhost:4000,https://www.larchwood-trails.example\n").unwrap();
    let receipt = rethread.import(&file, &["--map", table.to_str().unwrap()]).json();
    assert_eq!(receipt["findings"]["repaired"].get("page_elsewhere"), None, "{receipt:#}");
    let plain = Rethread::new();
    assert_eq!(plain.import(&sample("disqus.xml.gz"), &[]).code, Some(0));
    let (here, there) = (rows(rethread.data()), rows(plain.data()));
    assert_eq!(keys(&here), keys(&there));
    assert_eq!(comment_rows(rethread.data()), comment_rows(plain.data()));
}
