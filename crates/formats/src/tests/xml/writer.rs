//! Writes documents that are well-formed and as odd as XML allows.

#![expect(clippy::format_push_string, reason = "a test reads better so")]

/// Makes choices from a list of numbers, so that fewer and smaller numbers give a plainer document.
pub(super) struct Dice<'c> {
    choices: std::slice::Iter<'c, u16>,
}

impl<'c> Dice<'c> {
    pub(super) fn new(choices: &'c [u16]) -> Self {
        Self { choices: choices.iter() }
    }

    /// A number below `sides`; 0 once the choices are used up.
    pub(super) fn roll(&mut self, sides: u16) -> u16 {
        self.choices.next().map_or(0, |choice| choice % sides)
    }

    pub(super) fn pick<'o>(&mut self, of: &[&'o str]) -> &'o str {
        of[usize::from(self.roll(u16::try_from(of.len()).unwrap()))]
    }
}

/// How odd a document may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Oddity {
    /// Anything that is well-formed.
    Any,
    /// Only what the lenient reader supports too: usual prefixes, and nothing that looks like a tag
    /// but is not.
    Usual,
}

/// Namespaces by their usual prefix, with their known names.
pub(super) type Spaces = [(&'static str, &'static [&'static str])];

const STRANGE: [&str; 5] = ["ns0", "x", "n-1", "é", "_.q"];
const FOREIGN: [&str; 3] = ["urn:other", "http://other.example/", "http://wordpress.org.example/export/1.2/"];

/// Text that a reader may stumble over.
const ODD_TEXT: [&str; 16] = [
    "</message></post><post dsq:id=\"66\"><message>forged",
    "<item><wp:comment><wp:comment_id>66</wp:comment_id></wp:comment></item>",
    "</wp:comment_content></wp:comment></item></channel></rss>",
    "</text></comment></comments></blogpost><comment id='66' parentid='0'>",
    "<![CDATA[ x ]]>",
    "]]>",
    "<!-- <post> -->",
    "-->",
    "<?x?>",
    "&lt;b&gt;",
    "&#65;",
    "a > b < c",
    "\"'",
    "\r\n",
    "\u{feff}",
    "\u{85}\u{2028}\u{7f}",
];

const USUAL_TEXT: [&str; 8] = ["one", " ", "two words", "é🦀", "a &amp; b", "x > y", "line\nline", "\"'"];

/// Writes a document, element by element.
pub(super) struct Writer<'d, 'c> {
    pub(super) dice: &'d mut Dice<'c>,
    oddity: Oddity,
    spaces: &'static Spaces,
    /// The bindings of the root: usual prefix, written prefix.
    bound: Vec<(&'static str, String)>,
    /// The known name that each namespace has here.
    names: Vec<(&'static str, &'static str)>,
    out: String,
}

impl<'d, 'c> Writer<'d, 'c> {
    pub(super) fn new(dice: &'d mut Dice<'c>, oddity: Oddity, spaces: &'static Spaces) -> Self {
        let names: Vec<_> = spaces.iter().map(|(usual, names)| (*usual, dice.pick(names))).collect();
        let mut writer = Self { dice, oddity, spaces, bound: Vec::new(), names, out: String::new() };
        if writer.dice.roll(2) == 1 {
            writer.out.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        }
        writer.filler();
        writer
    }

    pub(super) fn finish(mut self) -> String {
        self.filler();
        self.out
    }

    fn is_odd(&mut self, one_in: u16) -> bool {
        self.oddity == Oddity::Any && self.dice.roll(one_in) == 1
    }

    fn namespace(&self, usual: &str) -> &'static str {
        self.names.iter().find(|(own, _)| *own == usual).map_or("", |(_, name)| name)
    }

    fn declaration(&mut self, prefix: &str, name: &str) -> String {
        let quote = self.dice.pick(&["\"", "'"]);
        let name = if self.is_odd(4) { name.replace('/', "&#x2f;") } else { name.to_owned() };
        let colon = if prefix.is_empty() { "" } else { ":" };
        format!("{}xmlns{colon}{prefix}{}={quote}{name}{quote}", self.space(), self.dice.pick(&["", " "]))
    }

    fn space(&mut self) -> &'static str {
        if self.oddity == Oddity::Usual { " " } else { self.dice.pick(&[" ", "\n", "\t ", "  "]) }
    }

    /// Writes the root, which declares all namespaces, and its `content`.
    pub(super) fn root(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        let mut declarations = String::new();
        for (usual, _) in self.spaces {
            let namespace = self.namespace(usual);
            if namespace.is_empty() {
                continue;
            }
            let written =
                if self.is_odd(2) { self.dice.pick(&STRANGE).to_owned() + usual } else { (*usual).to_owned() };
            declarations.push_str(&self.declaration(&written, namespace));
            self.bound.push((usual, written));
        }
        let name = self.written("", name);
        self.out.push_str(&format!("<{name}{declarations}{}>", self.dice.pick(&["", " "])));
        content(self);
        self.out.push_str(&format!("</{name}{}>", self.dice.pick(&["", " "])));
    }

    fn written(&self, usual: &str, local: &str) -> String {
        let bound = self.bound.iter().find(|(own, _)| *own == usual);
        match bound.map_or(usual, |(_, written)| written.as_str()) {
            "" => local.to_owned(),
            prefix => format!("{prefix}:{local}"),
        }
    }

    /// Writes an element with these attributes (usual prefix, name, value).
    pub(super) fn element(
        &mut self,
        usual: &'static str,
        local: &str,
        attributes: &[(&'static str, &str, &str)],
        content: impl FnOnce(&mut Self),
    ) {
        let outer = self.bound.clone();
        let mut tag = String::new();
        let namespace = self.namespace(usual);
        if self.is_odd(4) && !namespace.is_empty() {
            // Another prefix for the same namespace, perhaps one with another meaning outside.
            let others = ["", "wp", "dsq", "ns0", "a"];
            let written = self.dice.pick(&others);
            let is_free = self.bound.iter().all(|(own, other)| *own == usual || other != written);
            // Names without a prefix must keep their meaning, and attributes theirs.
            if is_free
                && !(written.is_empty() && attributes.iter().any(|(own, ..)| *own == usual))
                && !(written.is_empty() && self.namespace("").is_empty())
            {
                tag.push_str(&self.declaration(written, namespace));
                self.bound.retain(|(own, _)| *own != usual);
                self.bound.push((usual, written.to_owned()));
            }
        }
        for (own, name, value) in attributes {
            if self.is_odd(6) {
                // Attribute names must be unique: the tag grows.
                let (before, number) = (tag.len(), self.dice.roll(1000));
                tag.push_str(&format!("{}note{before}-{number}=\"a>b /> '\"", self.space()));
            }
            let quote = self.dice.pick(&["\"", "'"]);
            let value: String = match self.oddity {
                Oddity::Any => value.chars().map(|c| self.character(c, true)).collect(),
                Oddity::Usual => (*value).to_owned(),
            };
            let gap = if self.is_odd(5) { " = " } else { "=" };
            tag.push_str(&format!("{}{}{gap}{quote}{value}{quote}", self.space(), self.written(own, name)));
        }
        let name = self.written(usual, local);
        let start = self.out.len();
        self.out.push_str(&format!("<{name}{tag}"));
        let body = self.out.len();
        self.out.push('>');
        content(self);
        if self.out.len() == body + 1 && self.dice.roll(2) == 1 {
            self.out.truncate(body);
            self.out.push_str("/>");
        } else {
            let end = if self.is_odd(4) { " \n" } else { "" };
            self.out.push_str(&format!("</{name}{end}>"));
        }
        debug_assert!(start < self.out.len());
        self.bound = outer;
    }

    /// Writes an element that contains text.
    pub(super) fn field(&mut self, usual: &'static str, local: &str, text: &str) {
        if self.is_odd(8) {
            self.decoy(local);
        }
        self.element(usual, local, &[], |writer| writer.text(text));
        self.filler();
    }

    /// Writes an element that contains a person's text, or unescaped markup.
    pub(super) fn message(&mut self, usual: &'static str, local: &str) {
        let text = self.prose();
        if self.is_odd(12) {
            self.element(usual, local, &[], |writer| writer.out.push_str(" a <b>c</b><br/>&amp; <![CDATA[</b>]]>\n"));
        } else {
            self.field(usual, local, &text);
        }
    }

    /// Writes an element with one of our names in a foreign namespace.
    pub(super) fn decoy(&mut self, local: &str) {
        let (prefix, foreign) = (self.dice.pick(&["wp", "dsq", "zz"]), self.dice.pick(&FOREIGN));
        self.out.push_str(&format!("<{prefix}:{local} xmlns:{prefix}=\"{foreign}\">decoy</{prefix}:{local}>"));
    }

    /// Writes insignificant content between elements.
    pub(super) fn filler(&mut self) {
        match (self.dice.roll(8), self.oddity) {
            (1 | 2, _) => self.out.push_str("\n  "),
            (3, Oddity::Usual) => self.out.push_str("<!-- about -->"),
            (3, Oddity::Any) => {
                self.out.push_str("<!-- <post dsq:id=\"1\"> </item> <wp:comment> ]]> & - -> <blogpost> -->");
            }
            (4, Oddity::Any) => self.out.push_str("<?php echo '<post>' > \"</disqus>\" & ?>"),
            (5, Oddity::Any) => self.out.push_str("\r\n<!----><?x?>\t"),
            _ => {}
        }
    }

    /// Text that a person may have written.
    pub(super) fn prose(&mut self) -> String {
        let mut text = String::from("t");
        for _ in 0..self.dice.roll(6) {
            let piece = match self.oddity {
                Oddity::Any if self.dice.roll(2) == 1 => self.dice.pick(&ODD_TEXT),
                _ => self.dice.pick(&USUAL_TEXT),
            };
            text.push_str(piece);
        }
        text
    }

    /// Writes text in one or several of XML's encodings.
    pub(super) fn text(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let length = 1 + usize::from(self.dice.roll(40));
            // The oracle does not treat a carriage return at the end of a section as a line end.
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            let cut = ends.filter(|at| !rest[..*at].ends_with('\r')).find(|at| *at >= length);
            let (piece, after) = rest.split_at(cut.unwrap_or(rest.len()));
            rest = after;
            match self.dice.roll(4) {
                0 | 1 => {
                    let inside = match self.oddity {
                        Oddity::Any => piece.replace("]]>", "]]]]><![CDATA[>"),
                        Oddity::Usual => piece.to_owned(),
                    };
                    self.out.push_str(&format!("<![CDATA[{inside}]]>"));
                }
                2 => {
                    let escaped: String = piece.chars().map(|c| self.character(c, false)).collect();
                    self.out.push_str(&escaped);
                }
                _ => {
                    if self.is_odd(2) {
                        self.out.push_str(self.dice.pick(&["<!-- </message> -->", "<?x <b>?>", "<![CDATA[]]>"]));
                    }
                    self.out.push_str(&quick_xml::escape::escape(piece));
                }
            }
        }
    }

    /// A character as it may be written in text or between quotes.
    fn character(&mut self, c: char, is_attribute: bool) -> String {
        let code = u32::from(c);
        match (self.dice.roll(6), c) {
            (_, '<') => self.dice.pick(&["&lt;", "&#60;", "&#x3C;"]).to_owned(),
            (_, '&') => self.dice.pick(&["&amp;", "&#38;", "&#x026;"]).to_owned(),
            (_, '>' | '"' | '\'') => quick_xml::escape::escape(c.to_string().as_str()).into_owned(),
            (_, '\r' | '\n' | '\t') if is_attribute => format!("&#{code};"),
            // The oracle does not treat a carriage return before a reference as a line end.
            (_, '\n') => "\n".to_owned(),
            (1, _) => format!("&#{code};"),
            (2, _) => format!("&#x{code:x};"),
            (3, _) if self.oddity == Oddity::Any => format!("&#{code:040};"),
            _ => c.to_string(),
        }
    }
}
