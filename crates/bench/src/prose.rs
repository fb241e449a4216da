//! Text without markup.

use crate::random::Random;
use crate::words::{EMOJI, ENGLISH, Language, SPAM, TONGUES, tongue};

/// A part of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Plain text.
    Text(String),
    /// Emphasised text.
    Strong(String),
    /// Program text.
    Code(String),
    /// An address.
    Link(String),
    /// The address of a picture.
    Image(String),
    /// A line break.
    Break,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paragraph {
    /// Quoted from another person.
    pub is_quote: bool,
    /// Its parts.
    pub pieces: Vec<Piece>,
}

/// A comment of about 200 bytes, some much longer.
pub(crate) fn comment(random: &mut Random) -> Vec<Paragraph> {
    let spoken = tongue(random.below(TONGUES));
    let paragraphs = match random.below(100) {
        0..=69 => 1,
        70..=89 => 2,
        90..=98 => random.between(3, 5),
        _ => random.between(6, 20),
    };
    (0..paragraphs).map(|_| paragraph(random, spoken)).collect()
}

/// Spam.
pub(crate) fn spam(random: &mut Random) -> Vec<Paragraph> {
    let pitch = format!("{} ", random.pick(SPAM));
    let link = format!("http://spam-{}.example/?offer={}", random.below(90), random.hex(6));
    vec![Paragraph { is_quote: false, pieces: vec![Piece::Text(pitch), Piece::Link(link)] }]
}

/// An article.
pub(crate) fn article(random: &mut Random) -> Vec<Paragraph> {
    let paragraphs = random.between(3, 12);
    (0..paragraphs).map(|_| paragraph(random, &ENGLISH)).collect()
}

/// A title, or the words of an address.
pub(crate) fn title(random: &mut Random) -> String {
    let words = random.between(3, 7);
    let words: Vec<&str> = (0..words).map(|_| random.pick(ENGLISH.words)).collect();
    capitalised(&words.join(" "))
}

fn paragraph(random: &mut Random, spoken: &Language) -> Paragraph {
    let mut pieces = Vec::new();
    for number in 0..random.between(1, 3) {
        if number > 0 && random.chance(150) {
            pieces.push(Piece::Break);
        }
        pieces.push(Piece::Text(format!("{} ", sentence(random, spoken))));
        match random.below(100) {
            0..=3 => pieces.push(Piece::Strong(random.pick(spoken.words).to_owned())),
            4..=5 => pieces.push(Piece::Code(format!("ferry --line {}", random.below(40)))),
            6..=10 => pieces.push(Piece::Link(link(random))),
            11..=12 => {
                pieces.push(Piece::Image(format!("https://uploads.disquscdn.com/images/{}.png", random.hex(64))));
            }
            13..=18 => pieces.push(Piece::Text(random.pick(EMOJI).to_owned())),
            _ => {}
        }
    }
    Paragraph { is_quote: random.chance(30), pieces }
}

fn sentence(random: &mut Random, spoken: &Language) -> String {
    let mut text = String::new();
    for number in 0..random.between(3, 13) {
        if number > 0 {
            text.push_str(spoken.space);
        }
        text.push_str(random.pick(spoken.words));
    }
    text.push_str(random.pick(spoken.ends));
    capitalised(&text)
}

fn link(random: &mut Random) -> String {
    let site = random.pick(crate::words::SITES);
    format!("https://{site}/{}/{}?page={}&from=comments", random.between(2009, 2023), random.hex(12), random.below(30))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
