//! The two languages of what people read.

use clap::ValueEnum;

/// What is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Svenska
    #[default]
    Sv,
    /// English
    En,
}

impl Language {
    /// The one of two texts that is in this language.
    #[must_use]
    pub const fn of<'a>(self, swedish: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Sv => swedish,
            Self::En => english,
        }
    }

    /// A number with so many decimals: 0,4 or 0.4.
    #[must_use]
    pub fn number(self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        match self {
            Self::Sv => text.replace('.', ","),
            Self::En => text,
        }
    }

    /// A share in percent: 0,4 % or 0.4 %. What is not nothing is not told as 0.
    #[must_use]
    pub fn percent(self, share: f64) -> String {
        let percent = share * 100.0;
        if percent > 0.0 && percent < 0.05 {
            return format!("<{} %", self.number(0.1, 1));
        }
        format!("{} %", self.number(percent, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_read() {
        assert_eq!(Language::Sv.percent(0.004), "0,4 %");
        assert_eq!(Language::En.percent(0.1234), "12.3 %");
        assert_eq!(Language::Sv.percent(0.0001), "<0,1 %");
        assert_eq!(Language::Sv.percent(0.0), "0,0 %");
    }
}
