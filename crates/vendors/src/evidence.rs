//! Formats numbers for people.

/// `1 thread`, `2,519 threads`.
#[must_use]
pub fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// The number with commas between groups of three digits.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let written = [0, 1, 999, 1000, 2519, 1_234_567].map(|number| count(number, "thread"));
        let expected = ["0 threads", "1 thread", "999 threads", "1,000 threads", "2,519 threads", "1,234,567 threads"];
        assert_eq!(written, expected);
    }
}
