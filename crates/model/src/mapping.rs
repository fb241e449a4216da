//! Rules that replace the start of page addresses, as admins write them.

use serde::{Deserialize, Serialize};

/// Replaces the start of a page address (or all of it). Both sides are compared and written like
/// page keys, so the scheme, `www.` and a trailing slash do not matter.
///
/// Neither side needs a scheme: `example.com` stands for the whole site. A side that is not an
/// address (a path, a vendor's identifier) is compared with keys that are not addresses. A `from`
/// or a `to` with a query replaces whole addresses only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingRule {
    /// A domain, an address or the start of one; matches whole path segments.
    pub from: String,
    /// The replacement.
    pub to: String,
}

/// Why a table of rules was rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct InvalidMapping {
    /// Line number, starting with 1 for the header.
    pub line: usize,
    /// The problem.
    pub what: &'static str,
}

impl MappingRule {
    /// Maximum number of rules in an import. They are stored with the job.
    pub const MOST: usize = 1_000;

    /// Maximum size of the table, in bytes.
    pub const TABLE_BYTES: usize = 64 << 10;

    /// Parses a table: CSV with the header `from,to` and one rule per line. Blank lines are
    /// skipped.
    pub fn parse_table(csv: &str) -> Result<Vec<Self>, InvalidMapping> {
        let csv = csv.trim_start_matches('\u{feff}');
        let mut lines = (1..).zip(csv.lines()).filter(|(_, text)| !text.trim().is_empty());
        let at = |line| move |what| InvalidMapping { line, what };
        if csv.len() > Self::TABLE_BYTES {
            return Err(at(1)("the table is larger than 64 KiB"));
        }
        let header = lines.next().and_then(|(_, text)| cells(text));
        if !header.is_some_and(|[from, to]| from.eq_ignore_ascii_case("from") && to.eq_ignore_ascii_case("to")) {
            return Err(at(1)("the table begins with the header \"from,to\""));
        }
        let mut rules = Vec::new();
        for (line, text) in lines {
            let [from, to] = cells(text).ok_or_else(|| at(line)("a rule has two columns, divided by a comma"))?;
            if from.is_empty() || to.is_empty() {
                return Err(at(line)("neither column of a rule may be empty"));
            }
            if [&from, &to].into_iter().any(|side| side.contains(char::is_control)) {
                return Err(at(line)("an address holds no control characters"));
            }
            if rules.len() == Self::MOST {
                return Err(at(line)("there are more than 1000 rules"));
            }
            rules.push(Self { from, to });
        }
        Ok(rules)
    }

    /// The table of these rules, as [`MappingRule::parse_table`] reads it.
    #[must_use]
    pub fn table(rules: &[Self]) -> String {
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let lines = rules.iter().map(|rule| format!("{},{}\n", quoted(&rule.from), quoted(&rule.to)));
        std::iter::once("from,to\n".to_owned()).chain(lines).collect()
    }
}

/// The two cells of a line.
fn cells(line: &str) -> Option<[String; 2]> {
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line.as_bytes());
    let record = reader.into_records().next()?.ok()?;
    let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
    cells.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(from: &str, to: &str) -> MappingRule {
        MappingRule { from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn a_table_is_read() {
        let table = "\u{feff}From, To\r\n\r\nold.example,https://new.example/blog/\r\n\"/a,b\", /c \n";
        let rules = [rule("old.example", "https://new.example/blog/"), rule("/a,b", "/c")];
        assert_eq!(MappingRule::parse_table(table).unwrap(), rules);
        assert_eq!(MappingRule::parse_table("from,to\n"), Ok(Vec::new()));
    }

    #[test]
    fn an_error_names_the_line() {
        let many = format!("from,to\n{}", "a,b\n".repeat(MappingRule::MOST + 1));
        for (table, line) in [
            ("", 1),
            ("old.example,new.example\n", 1),
            ("from;to\na;b\n", 1),
            ("from,to\n\na,b\nonly one\n", 4),
            ("from,to\na,b,c\n", 2),
            ("from,to\na,b\n\n,b\n", 4),
            ("from,to\na,\n", 2),
            ("from,to\na\u{7},b\n", 2),
            (many.as_str(), MappingRule::MOST + 2),
        ] {
            assert_eq!(MappingRule::parse_table(table).map_err(|error| error.line), Err(line), "{table:?}");
        }
        let large = format!("from,to\n{},b\n", "a".repeat(MappingRule::TABLE_BYTES));
        assert!(MappingRule::parse_table(&large).unwrap_err().to_string().contains("64 KiB"));
    }

    proptest! {
        #[test]
        fn a_written_table_reads_as_its_rules(
            sides in prop::collection::vec(("[^\\p{C}\\p{Z}]{1,12}", "[^\\p{C}\\p{Z}]{1,12}"), 0..5)
        ) {
            let rules: Vec<MappingRule> = sides.iter().map(|(from, to)| rule(from, to)).collect();
            prop_assert_eq!(MappingRule::parse_table(&MappingRule::table(&rules)), Ok(rules));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(from,to\n)?[a-z\",\n\r /.é]{0,80}") {
            if let Ok(rules) = MappingRule::parse_table(&text) {
                prop_assert!(rules.iter().all(|rule| !rule.from.is_empty() && !rule.to.is_empty()));
            }
        }
    }
}
