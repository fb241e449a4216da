//! The answer to the site agrees with what is read.

use proptest::prelude::*;
use rethread_syntax::Frames;
use rethread_vendors::format_of;
use rethread_vendors::wordpress::{BatchError, SentBatch, SentComment, read_batch};

use super::*;

fn said(body: &str) -> Result<(u64, usize), BatchError> {
    read_batch(body.as_bytes()).map(|SentBatch { remaining, count, .. }| (remaining, count))
}

#[test]
fn envelopes() {
    for (body, expected) in [
        ("{\"countRemaining\":5,\"comments\":[]}", Ok((5, 0))),
        (" {\"comments\":[{},null,7],\"countRemaining\":\"5\"}\n", Ok((5, 3))),
        ("{\"countRemaining\":-1}", Ok((0, 0))),
        ("{\"countRemaining\":\"0\",\"comments\":null,\"more\":{\"comments\":[{}]}}", Ok((0, 0))),
        ("{\"countRemaining\":0,\"comments\":[[{},{}]]}", Ok((0, 2))),
        ("{\"countRemaining\":0,\"comments\":{}}", Err(BatchError::CommentsNotAnArray)),
        ("{\"countRemaining\":0,\"comments\":\"[]\"}", Err(BatchError::CommentsNotAnArray)),
        ("{\"comments\":[]}", Err(BatchError::CountRemainingMissing)),
        ("{\"comments\":[],\"countRemaining\":null}", Err(BatchError::CountRemainingMissing)),
        ("{\"comments\":[],\"countRemaining\":\"few\"}", Err(BatchError::CountRemainingMissing)),
        ("[5,[]]", Err(BatchError::NotAnObject)),
        ("\"countRemaining\"", Err(BatchError::NotAnObject)),
        ("", Err(BatchError::NotJson)),
        ("comments=1", Err(BatchError::NotJson)),
        ("{\"countRemaining\":0,\"comments\":[{]}", Err(BatchError::NotJson)),
        ("{\"countRemaining\":0,\"comments\":[]} {}", Err(BatchError::NotJson)),
    ] {
        assert_eq!(said(body), expected, "{body}");
    }
}

#[test]
fn comments_by_their_names() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let listed = [
        comment(1, &json!({ "_id": "ours" })),
        comment(2, &json!({ "externalId": 2, "urlId": 8, "_id": "", "isSpam": true })),
        json!("no object"),
        comment(3, &json!({ "urlId": null, "_id": 7 })),
        comment(4, &json!({ "externalId": null })),
        comment(5, &json!({ "hasLinks": "deep" })),
    ];
    let body = String::from_utf8(body(listed)).unwrap().replace("\"deep\"", &deep);
    let sent = read_batch(body.as_bytes()).unwrap();
    let comment = |id: &str, source_id: Option<&str>, known_as: Option<&str>| SentComment {
        external_id: id.to_owned(),
        source_id: source_id.map(str::to_owned),
        known_as: known_as.map(str::to_owned),
    };
    let expected = [
        comment("1", Some("8:1"), Some("ours")),
        comment("2", Some("8:2"), None),
        comment("3", None, Some("7")),
        comment("5", Some("8:5"), None),
    ];
    assert_eq!((sent.remaining, sent.count), (3, 6));
    assert_eq!(sent.comments, expected);
}

/// Checks that nothing panics, that no element is silently ignored, and that the site's answer
/// matches what was read.
#[track_caller]
fn assert_agreement(body: &[u8]) {
    let output = Output::of_batch(body);
    let framed = Frames::new(format_of(Vendor::WordPress).framer(Some(&batch_head())), body).count();
    assert_eq!(output.comments().len() + output.refused().len(), framed);
    let Ok(sent) = read_batch(body) else { return };
    assert!(sent.count >= framed && framed >= sent.comments.len());
    let told: Vec<&str> = sent.comments.iter().filter_map(|comment| comment.source_id.as_deref()).collect();
    assert_eq!(told, output.ids());
}

#[test]
fn agreement_where_damage_hides_the_end() {
    for body in [
        "{\"countRemaining\":1,\"comments\":[\"{\",{\"externalId\":1,\"urlId\":2}]}",
        "{\"countRemaining\":1,\"comments\":[[{\"externalId\":1,\"urlId\":2}],{\"externalId\":3,\"urlId\":2}]}",
        "{\"countRemaining\":1,\"comments\":[{\"externalId\":1,\"urlId\":2}],\"comments\":[{\"externalId\":3,\"urlId\":2}]}",
        "{\"countRemaining\":1,\"comments\":[{\"externalId\":1,\"urlId\":2,\"votes\":1e999}]}",
        "{\"comments\":[{\"externalId\":1,\"urlId\":2},{\"externalId\":3",
        "{\"comments\":[{\"externalId\":1,\"urlId\":2\u{8},{\"externalId\":3}]}",
    ] {
        assert_agreement(body.as_bytes());
    }
}

/// Possible values under a key.
fn values() -> impl Strategy<Value = Value> {
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(7),
        json!(-7.5),
        json!(u64::MAX),
        json!(""),
        json!("0"),
        json!(" 7 "),
        json!("8:7"),
        json!("\u{0}7"),
        json!("},{\"externalId\":\"9\""),
        json!("{"),
        json!([{ "externalId": "1", "urlId": "2" }]),
        json!({ "urlId": "2" }),
    ];
    prop::sample::select(odd.to_vec())
}

/// Possible elements of the array.
fn items() -> impl Strategy<Value = Value> {
    let keys =
        &["externalId", "externalParentId", "urlId", "url", "_id", "comment", "date", "isSpam", "votesUp", "x"][..];
    let object = prop::collection::vec((prop::sample::select(keys), values()), 0..8).prop_map(|members| {
        let members = members.into_iter().map(|(key, value)| (key.to_owned(), value));
        members.collect::<Value>()
    });
    (object, values(), 0..6).prop_map(|(object, value, kind)| match kind {
        0 => value,
        1..4 => object,
        _ => comment(7, &object),
    })
}

fn documents() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(items(), 0..6).prop_map(body)
}

proptest! {
    #![proptest_config(crate::testing::cases(400))]

    #[test]
    fn whole_batches_agree(document in documents()) {
        read_batch(&document).unwrap();
        assert_agreement(&document);
    }

    #[test]
    fn damaged_batches_agree(
        mut document in documents(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"{}[],:\\x\0\xff"[..]), any::<bool>()), 0..6),
        length in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        for (index, byte, replace) in changes {
            let at = index.index(document.len());
            if replace { document[at] = byte } else { document.insert(at, byte) }
        }
        if is_cut {
            document.truncate(length.index(document.len()));
        }
        assert_agreement(&document);
    }

    #[test]
    fn any_bytes_agree(document in prop::collection::vec(any::<u8>(), 0..300)) {
        assert_agreement(&document);
    }
}
