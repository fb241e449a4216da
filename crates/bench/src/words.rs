//! The vocabulary of generated files.

/// A language, in enough detail to look like one.
pub(crate) struct Language {
    /// Words or phrases.
    pub words: &'static [&'static str],
    /// What separates them.
    pub space: &'static str,
    /// How sentences end.
    pub ends: &'static [&'static str],
}

pub(crate) const ENGLISH: Language = Language {
    words: &[
        "the",
        "harbour",
        "ferry",
        "really",
        "I",
        "think",
        "we",
        "should",
        "have",
        "seen",
        "this",
        "coming",
        "last",
        "winter",
        "when",
        "they",
        "closed",
        "bridge",
        "and",
        "nobody",
        "asked",
        "about",
        "tickets",
        "again",
        "my",
        "neighbour",
        "says",
        "prices",
        "went",
        "up",
        "twice",
        "thank",
        "you",
        "for",
        "writing",
        "it",
        "down",
        "however",
        "don't",
        "agree",
        "with",
        "second",
        "part",
        "because",
        "council",
        "never",
        "published",
        "numbers",
        "great",
        "photograph",
        "by",
        "way",
        "could",
        "someone",
        "explain",
        "why",
        "tram & bus",
        "x < y",
        "isn't",
        "enough",
    ],
    space: " ",
    ends: &[".", ".", ".", "!", "?", "…", " :-)"],
};

const OTHERS: [Language; 11] = [
    Language {
        words: &[
            "die", "Fähre", "über", "den", "Fluß", "wäre", "schöner", "gewesen", "trotzdem", "grüßt", "mich", "keiner",
        ],
        space: " ",
        ends: &[".", "!", "?"],
    },
    Language {
        words: &[
            "l’été",
            "dernier",
            "à",
            "la",
            "gare",
            "où",
            "ça",
            "coûte",
            "cher",
            "naïveté",
            "peut-être",
            "déjà",
            "cœur",
        ],
        space: " ",
        ends: &[".", " !", " ?"],
    },
    Language {
        words: &["¿por", "qué", "mañana", "el", "niño", "está", "aquí", "señor", "también", "según", "años", "después"],
        space: " ",
        ends: &[".", "!", "?"],
    },
    Language {
        words: &[
            "спасибо",
            "за",
            "статью",
            "очень",
            "интересно",
            "но",
            "почему",
            "мост",
            "закрыли",
            "опять",
            "ёлки",
            "завтра",
        ],
        space: " ",
        ends: &[".", "!", "?", "…"],
    },
    Language {
        words: &["ευχαριστώ", "πολύ", "ωραίο", "άρθρο", "όμως", "γιατί", "το", "λιμάνι", "είναι", "κλειστό"],
        space: " ",
        ends: &[".", "!", ";"],
    },
    Language {
        words: &[
            "とても",
            "参考に",
            "なりました",
            "港の",
            "写真が",
            "素敵です",
            "ありがとう",
            "ございます",
            "来年も",
            "行きます",
        ],
        space: "",
        ends: &["。", "！", "？"],
    },
    Language {
        words: &[
            "感谢",
            "分享",
            "这篇",
            "文章",
            "渡轮",
            "为什么",
            "又",
            "停了",
            "明年",
            "再去",
            "看看",
            "照片",
            "很好",
        ],
        space: "",
        ends: &["。", "！", "？"],
    },
    Language {
        words: &[
            "정말",
            "좋은",
            "글",
            "감사합니다",
            "다리가",
            "언제",
            "다시",
            "열리나요",
            "내년에",
            "꼭",
            "가겠습니다",
        ],
        space: " ",
        ends: &[".", "!", "?"],
    },
    Language {
        words: &["شكرا", "على", "المقال", "لماذا", "أغلق", "الجسر", "مرة", "أخرى", "في", "الشتاء", "الماضي"],
        space: " ",
        ends: &[".", "!", "؟"],
    },
    Language {
        words: &["תודה", "רבה", "על", "הכתבה", "אבל", "למה", "הגשר", "סגור", "שוב", "השנה"],
        space: " ",
        ends: &[".", "!", "?"],
    },
    Language {
        words: &["बहुत", "अच्छा", "लेख", "धन्यवाद", "पुल", "फिर", "क्यों", "बंद", "है", "कल"],
        space: " ",
        ends: &["।", "!", "?"],
    },
];

/// The language with this number; usually English.
pub(crate) fn tongue(number: u64) -> &'static Language {
    usize::try_from(number).ok().and_then(|index| OTHERS.get(index)).unwrap_or(&ENGLISH)
}

/// The range for [`tongue`], chosen so that about two thirds are English.
pub(crate) const TONGUES: u64 = 33;

pub(crate) const EMOJI: &[&str] = &["😀", "👍🏽", "❤️", "🎉", "🤔", "👩‍👩‍👧", "🇳🇱", "🚢", "🙏", "😂"];

pub(crate) const FIRST_NAMES: &[&str] = &[
    "Anna",
    "Piet",
    "Jürgen",
    "Zoë",
    "Søren",
    "Łukasz",
    "Ольга",
    "Δημήτρης",
    "美咲",
    "王伟",
    "지훈",
    "ليلى",
    "נועה",
    "प्रिया",
    "O’Brien",
    "Maria",
    "Tom & Jo",
    "Chloé",
    "İpek",
    "Nguyễn",
];

pub(crate) const LAST_NAMES: &[&str] = &[
    "Harbourmaster",
    "de Wit",
    "Müller",
    "Kowalska",
    "Иванова",
    "García",
    "佐藤",
    "Smith",
    "Ødegård",
    "Papadopoulos",
    "B.",
    "Çelik",
];

pub(crate) const SITES: &[&str] =
    &["photos.example", "notes.example.org", "my-ferry.example.net", "blog.example.com", "müller.example"];

pub(crate) const SPAM: &[&str] = &[
    "Cheap watches, best replica, order now",
    "I make 9000 a month from home, ask me how",
    "Great blog! Visit also my casino page",
    "Buy followers today, discount for you",
];
