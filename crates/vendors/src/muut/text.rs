//! Converts texts: what was typed, with HTML's special characters escaped, in a light markup. Only
//! `---` on a separate line around code is known for certain.
//!
//! The text is kept as Markdown, which is closest to the rest of the markup. Escapes stay: in
//! Markdown they mean the character and never begin a tag, so that a typed tag is shown as text.

/// Muut's markup as Markdown.
pub(super) fn markdown(source: &str) -> String {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = source.trim_matches('\n').split('\n').collect();
    let mut out: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    let mut is_quoted = false;
    while let Some(line) = lines.get(at) {
        at += 1;
        if line.trim() != FENCE {
            // Markdown would treat the line after a quotation as part of it.
            if is_quoted && !line.starts_with(QUOTATION) && !line.trim().is_empty() {
                out.push(String::new());
            }
            is_quoted = line.starts_with(QUOTATION);
            out.push(quotation(line));
            continue;
        }
        let Some(length) = lines[at..].iter().position(|line| line.trim() == FENCE) else {
            // Below a line of text, Markdown would turn that line into a heading.
            out.push(format!("\\{}", line.trim()));
            continue;
        };
        let code: Vec<String> = lines[at..at + length].iter().map(|line| unescaped(line)).collect();
        let fence = "`".repeat(longest_run(&code).max(2) + 1);
        out.push(fence.clone());
        out.extend(code);
        out.push(fence);
        at += length + 1;
    }
    out.join("\n")
}

const FENCE: &str = "---";

/// How the `>` of a quotation is escaped.
const QUOTATION: &str = "&gt;";

/// A line with the `>` of its quotation unescaped.
fn quotation(line: &str) -> String {
    line.strip_prefix(QUOTATION).map_or_else(|| line.to_owned(), |rest| format!(">{rest}"))
}

/// Markdown resolves no escapes in code.
fn unescaped(code: &str) -> String {
    let typed = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&#x2F;", "/")];
    let plain = typed.into_iter().fold(code.to_owned(), |code, (escape, character)| code.replace(escape, character));
    // Last, so that a typed escape is not resolved twice.
    plain.replace("&amp;", "&")
}

fn longest_run(code: &[String]) -> usize {
    let runs = code.iter().flat_map(|line| line.split(|c: char| c != '`'));
    runs.map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_fenced_and_the_rest_stays() {
        let source = "a &lt;b&gt;\n---\nif (a &lt; b &amp;&amp; &amp;lt;)\n``\n---\n&gt; said\nend";
        let expected = "a &lt;b&gt;\n```\nif (a < b && &lt;)\n``\n```\n> said\n\nend";
        assert_eq!(markdown(source), expected);
        assert_eq!(markdown("---\n```\n---"), "````\n```\n````");
        assert_eq!(markdown("title\n---\nopen"), "title\n\\---\nopen");
        assert_eq!(markdown("\n\n"), "");
    }
}
