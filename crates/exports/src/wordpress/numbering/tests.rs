use rethread_model::{Origin, Thread};

use super::*;

fn id(number: u128) -> CommentId {
    format!("{:032x}", number * 0x1357_9bdf_0246_8ace).parse().unwrap()
}

fn comment(number: u128, parent: Option<u128>, time: Option<&str>) -> ExportedComment {
    ExportedComment {
        parent: parent.map(id),
        parent_source_id: parent.map(|parent| format!("5:{parent}")),
        created_at: time.map(|time| time.parse().unwrap()),
        ..ExportedComment::new(id(number), format!("5:{number}"))
    }
}

fn thread(source_id: &str) -> ExportedThread {
    let thread = Thread {
        source_id: source_id.to_owned(),
        url_id: "example.org/a".to_owned(),
        url: None,
        title: None,
        created_at: None,
        closed: false,
        reactions: Vec::new(),
    };
    ExportedThread { vendor: Vendor::WordPress, origin: Origin::new("example.org"), thread }
}

#[test]
fn the_vendors_numbers_are_kept_where_they_are_such() {
    let mut numbering = Numbering::default();
    numbering.begin(Some(&thread("5")));
    let root = numbering.of(&comment(17, None, None));
    assert_eq!(root, Numbers { own: 17, parent: 0, is_kept: true });
    assert_eq!(numbering.of(&comment(18, Some(17), None)), Numbers { own: 18, parent: 17, is_kept: true });
    let elsewhere = ExportedComment { source_id: "6:19".to_owned(), ..comment(19, Some(17), None) };
    let computed = numbering.of(&elsewhere);
    assert!(computed.own >= COMPUTED && !computed.is_kept);
    assert_eq!(computed.parent, 17);
    assert!(numbering.computed.len() == 1 && numbering.named.is_empty(), "what is kept is not remembered");
}

#[test]
fn parents_have_lesser_numbers_than_their_answers() {
    let mut numbering = Numbering::default();
    numbering.begin(None);
    let day = Some("2020-01-01T00:00:00Z");
    let mut before = numbering.of(&comment(1, None, day));
    for number in 2..50 {
        // All on one day, then some without a time.
        let numbers = numbering.of(&comment(number, Some(number - 1), day.filter(|_| number < 40)));
        assert_eq!(numbers.parent, before.own);
        assert!(numbers.own > numbers.parent, "{number}");
        before = numbers;
    }
    let mut again = Numbering::default();
    again.begin(None);
    assert_eq!(again.of(&comment(1, None, day)), numbering.of(&comment(1, None, day)), "every export gives the same");
}

#[test]
fn a_parent_that_comes_late_is_numbered_before_all() {
    let mut numbering = Numbering::default();
    numbering.begin(None);
    let early = numbering.of(&comment(1, Some(2), Some("1700-01-01T00:00:00Z")));
    let late = numbering.of(&comment(2, None, None));
    assert_eq!(early.parent, late.own);
    assert!(late.own < early.own && late.own >= KEPT_BELOW);
    numbering.begin(None);
    assert!(numbering.computed.is_empty(), "nothing is remembered from thread to thread");
}
