//! Decisions of a generator, made from bytes, so that shrinking the bytes shrinks a failing case.

/// Returns one decision after the other; the plainest ones when the bytes are used up.
pub(super) struct Dice<'b>(pub &'b [u8]);

impl Dice<'_> {
    /// A number below `sides` (at most 256).
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % sides
    }

    /// `true` once in `times` cases.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == times - 1
    }

    /// One of these.
    pub(super) fn pick<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.roll(of.len())]
    }

    /// A text of pieces that a parser could misread.
    pub(super) fn text(&mut self) -> String {
        (0..self.roll(6)).map(|_| self.pick(&PIECES)).collect()
    }
}

/// Syntax of the formats, and characters that texts may contain.
const PIECES: [&str; 40] = [
    "a word",
    " ",
    "\"",
    "\\",
    "\\\"",
    "\n",
    "\r\n",
    "\t",
    ",",
    ";",
    "{",
    "}",
    "[",
    "]",
    "]}",
    "}{",
    "}]{",
    "]]",
    "):",
    "},{\"commentHex\":\"z\",\"url\":\"/z\"}",
    "\"comments\":[{",
    "\"commenters\": [",
    "{\"commentId\":\"z\",\"pageUrl\":\"https://z.example/\"}",
    "\"nested\":[{",
    "{\"seed\":{\"key\":\"z\"",
    "\"replies\":[",
    "{\"id\":1,\"page\":{",
    "\"version\":3",
    "null",
    "\\u0041",
    "é",
    "🦀",
    "\u{2028}",
    "\u{7f}",
    "\u{1}",
    "\u{feff}",
    "<b>bold</b>",
    "&amp;",
    "//",
    "#",
];
