use proptest::prelude::*;
use rethread_model::{Author, AuthorRef, Finding, ImportOptions, PageKey, Reason, Record, TextKind};

use crate::testing::{Imported, by_name, guest, gzip, import, import_with, signed, slices_of, zip};
use crate::{Limits, testing};

/// The sample file.
const SAMPLE: &str = include_str!("../../../../samples/muut.json");

const FILE: &str = include_str!("muut/export.json");

fn with(options: &ImportOptions, file: &str) -> Imported {
    import_with(file.as_bytes(), options, &Limits::default()).unwrap()
}

/// Reasons of refused comments, and their ids.
fn refused(imported: &Imported) -> Vec<(Reason, Option<&str>)> {
    imported.refused().iter().map(|refused| (refused.reason, refused.source_id.as_deref())).collect()
}

const IDS: [&str; 7] = [
    "general:hello",
    "general:hello/r3",
    "general:hello/r2",
    "general:hello/r-one-1400000100",
    "general:alone",
    "blog.example.org/12:comments/c2",
    "blog.example.org/12:comments/c1",
];

#[test]
fn a_whole_file() {
    let imported = import(gzip(FILE));
    assert_eq!(imported.plan.facts.origin.as_str(), "blog.example.org");
    let evidence =
        "channels of threads with seed and replies, 3 channels, 3 threads; paths name the site blog.example.org";
    assert_eq!(imported.plan.facts.evidence, evidence);
    assert_eq!((imported.defect(), imported.reasons()), (None, vec![]));
    assert_eq!(imported.ids(), IDS);

    let threads: Vec<_> = imported
        .threads()
        .iter()
        .map(|thread| (thread.source_id.clone(), thread.url_id.clone(), thread.title.clone()))
        .collect();
    let of = |id: &str, key: &str, title: Option<&str>| (id.to_owned(), key.to_owned(), title.map(str::to_owned));
    let expected = [
        of("general:hello", "blog.example.org#general", Some("Hello & welcome")),
        of("general:alone", "blog.example.org#general", Some("Alone")),
        of("blog.example.org/12:comments", "blog.example.org/12", None),
    ];
    assert_eq!(threads, expected);

    let comments = imported.comments();
    let parents: Vec<_> = comments.iter().map(|comment| comment.parent.as_deref()).collect();
    let hello = Some("general:hello");
    assert_eq!(parents, [None, hello, hello, hello, None, None, None]);
    assert_eq!(comments[0].html.as_str(), "<p>First &lt;b&gt;<br>\nline <strong>two</strong></p>");
    assert_eq!((comments[0].text_kind, comments[0].details.votes_up), (TextKind::Markdown, None));
    assert_eq!(comments[1].text, "Newest ünïcödé 🫖");
    assert_eq!(comments[2].html.as_str(), "<pre><code>if (a &lt; b)\n</code></pre>");
    assert_eq!(comments[3].text, "Oldest {\"seed\": {}} ]] }{");
    assert_eq!(comments[3].details.votes_up, Some(3));
    let times: Vec<_> =
        comments[..4].iter().map(|comment| comment.created_at.unwrap().as_second() - 1_400_000_000).collect();
    assert_eq!(times, [0, 300, 200, 100], "seconds, texts and milliseconds");

    let known = |key: &str| AuthorRef::Known(format!("user:{key}"));
    let nobody = || (AuthorRef::Nobody, None);
    let authors: Vec<_> = comments.iter().map(|comment| signed(comment)).collect();
    let expected = [(known("@anna"), by_name("Anna")), (known("@bo"), by_name("bo")), nobody(), guest("Zoe"), nobody()];
    assert_eq!(authors[..5], expected);
    let names: Vec<_> = imported.authors().iter().map(|author| author.name.clone().unwrap()).collect();
    assert_eq!(names, ["Anna", "bo", "Anna", "Bo"]);
}

#[test]
fn newer_replies_leave_ids_as_they_are() {
    let newer = "{\"id\":\"r4\",\"key\":\"r\",\"date\":1400000400,\"body\":[\"x\"],\"author\":null},\n{\"id\":\"r3\"";
    let imported = import(FILE.replacen("{\"id\":\"r3\"", newer, 1));
    let mut ids = imported.ids();
    assert_eq!(ids.remove(1), "general:hello/r4");
    assert_eq!(ids, IDS);
}

#[test]
fn pages_lie_below_the_site() {
    let options =
        ImportOptions { site_url: Some("http://www.example.com/talk/".to_owned()), ..ImportOptions::default() };
    let imported = with(&options, FILE);
    let keys: Vec<_> = imported.threads().iter().map(|thread| thread.url_id.clone()).collect();
    assert_eq!(keys, ["example.com/talk/general", "example.com/talk/general", "blog.example.org/12"]);
    assert_eq!(imported.threads()[0].url.as_deref(), Some("http://www.example.com/talk/general"));
    assert_eq!(imported.ids(), IDS, "ids do not depend on the site's address");
    let options = ImportOptions { page_key: PageKey::Identifier, ..options };
    assert_eq!(with(&options, FILE).threads()[0].url_id, "general");
    let hostless = import(FILE.replace("blog.example.org/12", "news"));
    assert_eq!(hostless.plan.facts.origin.as_str(), "unknown");
    assert!(hostless.plan.facts.evidence.contains("no path names a site"), "{}", hostless.plan.facts.evidence);
}

#[test]
fn known_damage_is_mended_and_told_where_it_is() {
    let damages = [
        ("{\"categories\"", "({\"categories\"", Some("\n}}\n")),
        ("{\"path\":\"general\",\"title\":\"General\"},", "{\"path\":\"general\",\"title\":\"General\"}", None),
        ("\n]},\n{\"seed\"", "\n]}\n{\"seed\"", None),
        ("\n]},\n{\"seed\"", "\n]}{\"seed\"", None),
        ("\n]},\n{\"seed\"", "\n]}]{\"seed\"", None),
        ("\n]},\n{\"seed\"", "\n]}[{\"seed\"", None),
        ("},\n{\"id\":\"r2\"", "}{\"id\":\"r2\"", None),
        ("},\n{\"id\":\"r2\"", "}\n{\"id\":\"r2\"", None),
        ("},\n{\"id\":\"r2\"", "}]{\"id\":\"r2\"", None),
        ("},\n{\"id\":\"r2\"", "}[{\"id\":\"r2\"", None),
        ("\n]},\n{\"seed\"", "\n]]\n},\n{\"seed\"", None),
        ("\"replies\":[]}\n]", "\"replies\":[]}\n]]", None),
        ("\n]\n],", "\n]]\n],", None),
    ];
    for (from, to, end) in damages {
        let mut file = FILE.replacen(from, to, 1);
        if let Some(end) = end {
            file = format!("{})\n", file.trim_end_matches('\n'));
            assert!(file.ends_with(&end.replace("\n}}\n", "\n}})\n")));
        }
        let imported = import(&file);
        assert_eq!((imported.ids(), imported.defect()), (IDS.to_vec(), None), "{from} {to}");
        let is_categories = from.contains("General");
        if from != "\n]\n]," && !is_categories {
            let [Finding { at, reason: Reason::MendedFile, .. }] = imported.findings[..] else {
                panic!("{from} {to}: {:?}", imported.findings)
            };
            let place = usize::try_from(at.offset).unwrap();
            let changed = file.bytes().zip(FILE.bytes()).position(|(one, other)| one != other).unwrap();
            assert!(place.abs_diff(changed) < 8, "{from} {to}: {place} {changed}");
        }
    }
}

#[test]
fn strays_in_categories_do_not_hide_the_threads() {
    for to in ["more\"}]]\n,", "more\"}}],", "more\"],", "more}],", ""] {
        let imported = import(FILE.replacen("more\"}],", to, 1));
        assert_eq!(imported.ids(), IDS, "{to}");
    }
}

#[test]
fn what_only_looks_like_damage_is_text() {
    let text = r#"}{ }]{ }[{ ]]\n {\"seed\":{\"key\":\"x\"}} \\\" ("#;
    let imported = import(FILE.replacen("No answer", text, 1));
    assert_eq!((imported.ids(), imported.reasons()), (IDS.to_vec(), vec![]));
}

#[test]
fn other_damage_costs_its_post() {
    let kept = |without: &[&str]| -> Vec<&str> { IDS.into_iter().filter(|id| !without.contains(id)).collect() };
    let r2 = "general:hello/r2";
    let cases: [(&str, &str, &[&str]); 8] = [
        ("[\"Newest", "[Newest", &["general:hello/r3"]),
        ("🫖\"]", "🫖]", &["general:hello/r3"]),
        ("\"r2\",\"key\":\"r-two\"", "\"r2\",\"key\":\"r-two", &[r2]),
        ("\"body\":[\"---", "\"body\":\"---", &[r2]),
        ("\"author\":null},\n{\"key\"", "\"author\":null\n{\"key\"", &[r2]),
        ("\"No answer\"]", "\"No answer]", &["general:alone"]),
        ("\"displayname\":\"Anna\"}},", "\"displayname\":\"Anna\"},", &["general:hello"]),
        ("\"key\":\"comments\",", "\"key\":\"comments\"\"", &[]),
    ];
    for (from, to, lost) in cases {
        let imported = import(FILE.replacen(from, to, 1));
        assert_eq!(imported.ids(), kept(lost), "{from} {to}");
        assert_eq!(imported.defect(), None, "{from} {to}");
        let refused: Vec<_> = refused(&imported).into_iter().filter_map(|(_, id)| id).collect();
        assert!(lost.iter().all(|id| refused.contains(id)), "{from} {to}: {refused:?}");
    }
}

#[test]
fn a_lost_thread_ends_before_the_next_channel() {
    let imported = import(FILE.replacen("\"replies\":[]}\n],\n", "\"replies\":[\n", 1));
    assert_eq!(imported.ids(), IDS);
    assert_eq!(imported.threads()[2].source_id, "blog.example.org/12:comments");
}

#[test]
fn a_file_that_breaks_off_keeps_its_whole_replies() {
    let end = FILE.find("\"r-two\"").unwrap();
    let imported = import(&FILE[..end]);
    assert_eq!((imported.ids(), imported.defect()), (IDS[..2].to_vec(), Some("truncated")));
    assert_eq!(refused(&imported), [(Reason::UnreadableRecord, Some("general:hello/r2"))]);
    for lost in [2, 3] {
        assert_eq!(import(&FILE[..FILE.len() - lost]).defect(), Some("truncated"));
    }
}

#[test]
fn posts_without_ids_and_seeds_without_threads_are_refused() {
    let imported = import(FILE.replacen("\"key\":\"hello\",", "", 1));
    assert_eq!(imported.ids(), IDS[4..]);
    let reasons: Vec<_> = refused(&imported).into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(
        reasons,
        [Reason::NoId, Reason::NoThreadReference, Reason::NoThreadReference, Reason::NoThreadReference]
    );
    let imported = import(FILE.replacen("\"key\":\"r-one\",", "", 1));
    assert_eq!(refused(&imported), [(Reason::NoId, None)]);
}

#[test]
fn size_becomes_a_finding_and_depth_does_not() {
    let deep = format!("\"x\":{}{},\"key\":\"r-two\"", "[".repeat(5000), "]".repeat(5000));
    let imported = import(FILE.replacen("\"key\":\"r-two\"", &deep, 1));
    assert_eq!((imported.ids(), refused(&imported)), (IDS.to_vec(), vec![]));
    let limits = Limits { record_bytes: 3000, ..Limits::default() };
    let file = FILE.replacen("Newest", &"x".repeat(4000), 1);
    let imported = import_with(file.as_bytes(), &ImportOptions::default(), &limits).unwrap();
    assert_eq!(imported.ids(), IDS[4..]);
    assert_eq!(refused(&imported), [(Reason::RecordTooLarge, Some("general:hello"))]);
}

/// What an import stores, in file order.
fn essence(imported: &Imported) -> Vec<String> {
    let records = imported.records.iter().map(|record: &Record| format!("{record:?}"));
    records.chain(imported.findings.iter().map(|finding| format!("{finding:?}"))).collect()
}

#[test]
fn slices_hold_the_same_records_whatever_their_size() {
    let whole = import(FILE);
    for slice_bytes in [1, 100, 300, 600] {
        let cut = import_with(FILE.as_bytes(), &ImportOptions::default(), &slices_of(slice_bytes)).unwrap();
        assert!(cut.plan.slices.len() > 1);
        assert_eq!(essence(&cut), essence(&whole), "slices of {slice_bytes} bytes");
    }
}

#[test]
fn a_damaged_thread_ends_before_the_next_path_though_its_slice_ends_after_it() {
    let file = FILE.replacen("\"replies\":[]}\n],\n\"blog", "\"replies\":[]]\n],\n\"blog", 1);
    assert_ne!(file, FILE);
    let whole = import(&file);
    assert_eq!(whole.ids(), IDS);
    for slice_bytes in [1, 121, 300] {
        let cut = import_with(file.as_bytes(), &ImportOptions::default(), &slices_of(slice_bytes)).unwrap();
        assert_eq!(essence(&cut), essence(&whole), "slices of {slice_bytes} bytes");
    }
}

#[test]
fn a_damaged_byte_loses_no_comment_without_a_word() {
    let whole = import(FILE);
    for (at, byte) in (0..FILE.len()).flat_map(|at| [(at, 0x08), (at, 0xff)]) {
        let mut file = FILE.as_bytes().to_vec();
        file[at] = byte;
        let Ok(imported) = import_with(&file, &ImportOptions::default(), &Limits::default()) else { continue };
        let (comments, refused) = (imported.comments(), imported.refused().len());
        assert!(comments.len() + refused >= IDS.len(), "{byte:#x} at {at}: {} and {refused}", comments.len());
        let is_known = |id: &str| whole.ids().contains(&id);
        assert!(comments.iter().all(|comment| is_known(&comment.source_id)), "{byte:#x} at {at}: {:?}", imported.ids());
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(400))]

    #[test]
    fn damaged_files_read_the_same_in_slices_of_any_size(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"{}[],:\\x\0\xff\n"[..]), any::<bool>()), 0..6),
        slice_bytes in 1_usize..2000,
    ) {
        let mut file = FILE.as_bytes().to_vec();
        for (index, byte, replace) in changes {
            let at = index.index(file.len());
            if replace { file[at] = byte } else { file.insert(at, byte) }
        }
        let options = ImportOptions::default();
        if let Ok(whole) = import_with(&file, &options, &Limits::default()) {
            let cut = import_with(&file, &options, &slices_of(slice_bytes)).unwrap();
            prop_assert_eq!(essence(&cut), essence(&whole));
            prop_assert_eq!(cut.plan.defect, whole.plan.defect);
        }
    }

    #[test]
    fn any_bytes_are_survived(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\"{}[],:\\ "[..])], 0..400),
        at in any::<prop::sample::Index>(),
        slice_bytes in 1_usize..500,
    ) {
        let mut file = FILE.as_bytes().to_vec();
        let at = at.index(file.len());
        file.splice(at..at, bytes);
        if let Ok(imported) = import_with(&file, &ImportOptions::default(), &slices_of(slice_bytes)) {
            let known = imported.ids().iter().filter(|id| IDS.contains(id)).count();
            prop_assert!(known >= 2, "an insertion costs the thread it is in and perhaps its neighbour: {known}");
        }
    }
}

/// `users.csv` beside the export.
const USERS: &str =
    "path,email\n@ines,ines@wheelwrights.example\n@tomek,tomek@post.example\n@nobody,never@wrote.example\n";

fn with_users(slice_bytes: usize) -> Imported {
    let file = zip(&[("users.csv", USERS.as_bytes()), ("export.json", SAMPLE.as_bytes())]);
    import_with(&file, &ImportOptions::default(), &slices_of(slice_bytes)).unwrap()
}

#[test]
fn addresses_of_a_list_beside_the_export_are_joined() {
    let (plain, joined) = (import(SAMPLE), with_users(8 << 20));
    assert_eq!((joined.comments(), joined.threads()), (plain.comments(), plain.threads()));
    assert_eq!((&joined.findings, joined.defect()), (&plain.findings, None));
    assert_eq!(
        joined.plan.facts.evidence,
        plain.plan.facts.evidence.clone() + ", e-mail addresses of 3 users beside it"
    );
    assert_eq!(joined.plan.facts.origin, plain.plan.facts.origin);
    let mut expected: Vec<Author> = plain.authors().into_iter().cloned().collect();
    for author in &mut expected {
        author.email = match author.key.as_str() {
            "user:@ines" => Some("ines@wheelwrights.example".to_owned()),
            "user:@tomek" => Some("tomek@post.example".to_owned()),
            _ => None,
        };
    }
    assert_eq!(joined.authors(), expected.iter().collect::<Vec<_>>());
    assert!(joined.authors().iter().any(|author| author.email.is_some()));
    // People who never wrote are not imported.
    assert!(!format!("{joined:?}").contains("never@wrote.example"));
}

#[test]
fn joined_addresses_do_not_depend_on_slices() {
    let whole = with_users(8 << 20);
    for slice_bytes in [1, 300, 1000] {
        let cut = with_users(slice_bytes);
        assert!(cut.plan.slices.len() > 1);
        assert_eq!((&cut.records, &cut.findings), (&whole.records, &whole.findings), "{slice_bytes}");
    }
}

#[test]
fn lists_that_are_too_large_are_refused_and_other_vendors_have_none() {
    let large = USERS.to_owned() + &"@somebody,somebody@post.example\n".repeat(600_000);
    assert_eq!(
        testing::refused(zip(&[("users.csv", large.as_bytes()), ("export.json", SAMPLE.as_bytes())])).code,
        "users_too_large"
    );
    assert_eq!(testing::refused(zip(&[("users.csv", USERS.as_bytes())])).code, "not_an_export");
    let hyvor = include_bytes!("../../../../samples/hyvor.json");
    let imported = import(zip(&[("users.csv", USERS.as_bytes()), ("export.json", hyvor)]));
    assert_eq!(imported.records, import(hyvor).records);
    assert!(!imported.plan.facts.evidence.contains("beside it"));
}
