use proptest::prelude::*;

use super::*;

static GRAMMAR: Grammar = Grammar {
    root: "root",
    rules: &[
        Rule {
            tag: "post",
            kind: FrameKind::Comment,
            ends: Ends::With("/post"),
            interrupted_by: &["post"],
            lost_ends: &[("/post", &["post", "/root"])],
        },
        Rule {
            tag: "item",
            kind: FrameKind::Thread,
            ends: Ends::Before(&["post", "/item"]),
            interrupted_by: &["item"],
            lost_ends: &[("/item", &["item", "/root"])],
        },
        Rule {
            tag: "/item",
            kind: FrameKind::ThreadEnd,
            ends: Ends::WithStartTag,
            interrupted_by: &[],
            lost_ends: &[],
        },
    ],
    prefixed_heads: false,
};

type Found = (FrameKind, usize, usize, Option<Reason>);

/// The frames of a document that arrives in chunks of `chunk` bytes, and how it ends.
fn frames(document: &[u8], chunk: usize) -> (Vec<Found>, bool, Option<(FrameKind, usize)>) {
    let mut framer = LenientFramer::new(&GRAMMAR);
    let (mut from, mut to) = (0, 0);
    let mut found = Vec::new();
    loop {
        match framer.next(&document[from..to], to == document.len()) {
            Step::Frame(frame) => {
                found.push((frame.kind, from + frame.start, from + frame.end, frame.damage));
                from += frame.end;
            }
            Step::Skip(length) => {
                assert!(length > 0 && from + length <= to, "skips something that is there");
                from += length;
            }
            Step::NeedMore { open } => {
                assert!(to < document.len(), "there is no more");
                assert!(open.is_some() || to - from < 64 * 1024, "holds on to nothing");
                to = document.len().min(to + chunk);
            }
            Step::End { closed, open } => return (found, closed, open.map(|(kind, start)| (kind, from + start))),
            Step::Damaged { .. } => unreachable!("XML is always framed somehow"),
        }
    }
}

/// The frames as text.
fn texts(document: &str) -> Vec<(&str, Option<Reason>)> {
    let (found, _, _) = frames(document.as_bytes(), usize::MAX / 2);
    found.into_iter().map(|(_, start, end, damage)| (&document[start..end], damage)).collect()
}

#[test]
fn records_are_found_by_name() {
    let document = "<root><post a='1'>x<post_id/><posts></posts></post> <post/> junk <post>y</post ></root>";
    let expected = [("<post a='1'>x<post_id/><posts></posts></post>", None), ("<post>y</post >", None)];
    assert_eq!(texts(document), expected);
}

#[test]
fn what_looks_like_a_tag_in_a_section_or_comment_is_none() {
    let document = "<root><!-- <post> --><post><![CDATA[</post> <post>]] >]]><!-- </post> --></post></root>";
    let expected = "<post><![CDATA[</post> <post>]] >]]><!-- </post> --></post>";
    // In the section, an end tag followed by a start tag would look like an unclosed section.
    assert_eq!(
        texts(&document.replace("</post> <post>", "</post> <b>"))[0].0,
        expected.replace("</post> <post>", "</post> <b>")
    );
    assert_eq!(texts(document)[0], ("<post><![CDATA[</post>", Some(Reason::UnclosedCdata)));
}

#[test]
fn an_item_ends_before_its_first_post() {
    let document = "<root><item>t<post>1</post><post>2</post>tail</item><item>u</item></root>";
    let frames: Vec<&str> = texts(document).into_iter().map(|(text, _)| text).collect();
    assert_eq!(frames, ["<item>t", "<post>1</post>", "<post>2</post>", "</item>", "<item>u", "</item>"]);
}

#[test]
fn a_record_that_was_never_closed_ends_where_the_next_begins() {
    let expected = [("<post>1 ", Some(Reason::DamagedMarkup)), ("<post>2</post>", None)];
    assert_eq!(texts("<root><post>1 <post>2</post></root>"), expected);
    let last = texts("<root><post>1</root>\n");
    assert_eq!(last, [("<post>1", Some(Reason::DamagedMarkup))], "or where the document ends");
}

#[test]
fn a_section_that_was_never_closed_costs_one_record() {
    let expected = [("<post><![CDATA[1</post>", Some(Reason::UnclosedCdata)), ("<post><![CDATA[2]]></post>", None)];
    assert_eq!(texts("<root><post><![CDATA[1</post>\n<post><![CDATA[2]]></post></root>"), expected);
}

#[test]
fn a_document_without_its_end_is_told() {
    let whole = b"<root><post>1</post></root> ";
    for cut in 0..whole.len() {
        let (found, closed, _) = frames(&whole[..cut], 7);
        assert_eq!(closed, cut >= whole.len() - 1, "cut at {cut}");
        assert_eq!(found.len(), usize::from(cut >= 20), "cut at {cut}");
    }
}

#[test]
fn a_record_can_be_passed_over() {
    let document = format!("<root><post>{}</post><post>2</post></root>", "x".repeat(10_000));
    let mut framer = LenientFramer::new(&GRAMMAR);
    assert_eq!(framer.next(&document.as_bytes()[..100], false), Step::NeedMore { open: Some((FrameKind::Comment, 6)) });
    framer.pass_over();
    let mut from = 0;
    let frame = loop {
        match framer.next(&document.as_bytes()[from..document.len().min(from + 100)], false) {
            Step::Skip(length) => from += length,
            other => break other,
        }
    };
    assert_eq!(&document[from..from + 14], "<post>2</post>");
    assert_eq!(frame, Step::Frame(Frame { kind: FrameKind::Comment, start: 0, end: 14, damage: None }));
}

fn wreckage() -> impl Strategy<Value = String> {
    let pieces = [
        "<root>",
        "</root>",
        "<post>",
        "<post ",
        "</post>",
        "<item>",
        "</item>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?",
        "?>",
        "<",
        ">",
        "/",
        " ",
        "\n",
        "text",
        "<b/>",
        "<post/>",
        "é",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

/// Records that are all damaged take no longer than intact ones. Searching each missing end from
/// scratch would take hours.
#[test]
fn no_damage_takes_long() {
    for piece in
        ["<post><![CDATA[x</post>\n", "<item><![CDATA[x</item>\n", "<post><!--", "<![CDATA[</post>", "<post", "</post "]
    {
        let document = piece.repeat((4 << 20) / piece.len());
        frames(document.as_bytes(), 1 << 20);
        frames(format!("<post><![CDATA[{document}").as_bytes(), 1 << 20);
    }
}

proptest! {
    #[test]
    fn chunks_do_not_matter(document in wreckage(), chunk in 1_usize..50) {
        prop_assert_eq!(frames(document.as_bytes(), chunk), frames(document.as_bytes(), usize::MAX / 2));
    }

    #[test]
    fn any_bytes_are_framed(document in prop::collection::vec(any::<u8>(), 0..300), chunk in 1_usize..50) {
        frames(&document, chunk);
    }
}

#[test]
fn a_comment_that_is_never_closed_hides_no_record() {
    let long = " ".repeat(2 * BLOCK_BYTES);
    for between in ["", long.as_str()] {
        let document = format!("<!-- about ->{between}<root><!-- <post>1</post> x<post>2</post></root>");
        assert_eq!(
            texts(&document),
            [("<post>1</post>", None), ("<post>2</post>", None)],
            "{} bytes between",
            between.len()
        );
    }
}
