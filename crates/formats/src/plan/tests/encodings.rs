//! Uploads that are not UTF-8.

use super::*;

/// A WXR whose people and texts contain these letters.
fn wxr_in(encoding: &str, letters: &str) -> String {
    let comment = wp_comment(1, 0, &format!("<![CDATA[{letters}]]>")).replace("Ann", letters);
    wxr(&item(1, &comment)).replacen("UTF-8", encoding, 1)
}

#[test]
fn a_file_is_read_in_the_encoding_that_it_is_in() {
    for (label, letters) in [
        ("ISO-8859-1", "Jürgen – “café” €"),
        ("windows-1251", "Привет"),
        ("GB2312", "评论"),
        ("GB18030", "评论🦀"),
        ("Shift_JIS", "コメント表ソ"),
        ("EUC-JP", "コメント"),
        ("EUC-KR", "댓글"),
        ("Big5", "評論"),
        ("ISO-8859-2", "Žluťoučký"),
        ("koi8-r", "Привет"),
        ("ISO-2022-JP", "コメント"),
    ] {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        let text = wxr_in(label, letters);
        let (bytes, _, had_errors) = encoding.encode(&text);
        assert!(!had_errors, "{label}");
        for upload in [bytes.to_vec(), gzip(&bytes), zip(&[("a.xml", &bytes)])] {
            let imported = limited(&upload, &slices_of(500)).unwrap();
            assert_eq!(imported.comments()[0].text, letters, "{label}");
            assert_eq!(imported.authors()[0].name.as_deref(), Some(letters), "{label}");
            assert_eq!((imported.reasons(), imported.defect()), (vec![], None), "{label}");
            let said = format!("read as {}", encoding.name());
            assert!(imported.plan.facts.evidence.contains(&said), "{}", imported.plan.facts.evidence);
        }
    }
}

#[test]
fn utf16_is_read_with_a_mark_and_without() {
    let json = r#"[{"commentId":"1","pageUrl":"https://h.example/","message":"Grüße 🦀"}]"#;
    let csv = "commentId,pageUrl,message\n1,https://h.example/,Grüße 🦀\n";
    let xml = wxr_in("UTF-16", "Grüße 🦀");
    for document in [json, csv, &xml] {
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            for mark in ["\u{feff}", ""] {
                let file: Vec<u8> = format!("{mark}{document}").encode_utf16().flat_map(to_bytes).collect();
                for upload in [file.clone(), gzip(&file)] {
                    let imported = import(upload);
                    assert_eq!(imported.comments()[0].text, "Grüße 🦀");
                    let marks = if mark.is_empty() { vec![] } else { vec![Reason::ByteOrderMark] };
                    assert_eq!((imported.reasons(), imported.defect()), (marks, None));
                }
            }
        }
    }
    let text: Vec<u8> = "Dear Sir, please find".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(text).code, "not_an_export");
    assert_eq!(refused(b"\xff\xfe\0\0<\0\0\0").code, "unsupported_encoding");
}

#[test]
fn valid_utf8_is_utf8_whatever_is_declared_and_what_is_neither_is_told() {
    let imported = import(wxr_in("ISO-8859-1", "Grüße"));
    assert_eq!((imported.comments()[0].text.as_str(), imported.reasons()), ("Grüße", vec![]));
    assert!(!imported.plan.facts.evidence.contains("read as"));

    let declared_as_utf8 = wxr_in("UTF-8", "caf?").replace('?', "\u{1}").into_bytes();
    let latin: Vec<u8> = declared_as_utf8.iter().map(|byte| if *byte == 1 { 0xe9 } else { *byte }).collect();
    let imported = import(&latin);
    assert_eq!(imported.comments()[0].text, "caf\u{fffd}");
    assert!(imported.reasons().contains(&Reason::InvalidUtf8));

    let sjis = wxr_in("Shift_JIS", "a\u{1}b").into_bytes();
    let broken: Vec<u8> = sjis.iter().map(|byte| if *byte == 1 { 0xff } else { *byte }).collect();
    let imported = import(&broken);
    assert_eq!(imported.comments()[0].text, "a\u{fffd}b");
    let told: Vec<_> = imported.findings.iter().filter(|finding| finding.reason == Reason::InvalidEncoding).collect();
    let first = broken.iter().position(|byte| *byte == 0xff).unwrap() as u64;
    assert_eq!(told.iter().map(|finding| finding.at.offset).collect::<Vec<_>>(), [first], "once, at its byte");
}
