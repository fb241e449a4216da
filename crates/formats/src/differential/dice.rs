//! Decisions of a generator, made of bytes, so that what a test finds is made smaller by making these smaller.

/// Gives out one decision after the other; the plainest ones when nothing is left.
pub(super) struct Dice<'b>(pub &'b [u8]);

impl Dice<'_> {
    /// A number below `sides` (at most 256).
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % sides
    }

    /// Once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == times - 1
    }

    /// One of these.
    pub(super) fn pick<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.roll(of.len())]
    }

    /// A text of pieces that something else could be read into.
    pub(super) fn text(&mut self) -> String {
        (0..self.roll(6)).map(|_| self.pick(&PIECES)).collect()
    }
}

/// What formats are made of, and what texts may hold.
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
