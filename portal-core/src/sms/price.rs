//! What text messages cost: an exact decimal amount for each segment.

use std::fmt;
use std::str::FromStr;

/// An amount of money in a currency (ISO 4217), exact: what a provider charges for one segment may be less than the currency's
/// smallest coin.
///
/// ```
/// use portal_core::sms::Price;
///
/// let segment: Price = "0.08 AUD".parse().unwrap();
/// assert_eq!(segment.times(51).to_string(), "4.08 AUD");
/// let segment: Price = "0.0079 USD".parse().unwrap();
/// assert_eq!(segment.times(2).to_string(), "0.0158 USD");
/// assert_eq!(segment.times(100).to_string(), "0.79 USD");
/// assert_eq!("8 JPY".parse::<Price>().unwrap().times(3).to_string(), "24 JPY");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Price {
    /// In units of ten to the minus `decimals`.
    units: u128,
    decimals: u8,
    currency: [u8; 3],
}

/// The text is no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "give an amount with at most six decimals and a currency of three capital letters, such as \"0.08 AUD\""
)]
pub struct NoPrice;

impl Price {
    /// The most digits before the point of a price that is read.
    const MOST_DIGITS: usize = 6;
    /// The most decimals of a price that is read.
    const MOST_DECIMALS: usize = 6;

    /// The price of so many.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self {
            // Twelve digits and the twenty of the count fit into 128 bits.
            units: self.units.saturating_mul(count.into()),
            ..self
        }
    }

    /// The currency's code.
    #[must_use]
    pub fn currency(&self) -> &str {
        std::str::from_utf8(&self.currency).unwrap_or_default()
    }

    /// The amount alone, exact: `4.08`.
    #[must_use]
    pub fn amount(&self) -> String {
        let scale = 10_u128.pow(self.decimals.into());
        let (whole, rest) = (self.units / scale, self.units % scale);
        if self.decimals == 0 {
            return whole.to_string();
        }
        let mut rest = format!("{rest:0width$}", width = usize::from(self.decimals));
        while rest.len() > 2 && rest.ends_with('0') {
            rest.pop();
        }
        format!("{whole}.{rest}")
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency())
    }
}

impl FromStr for Price {
    type Err = NoPrice;

    fn from_str(text: &str) -> Result<Self, NoPrice> {
        let (amount, code) = text.trim().split_once(' ').ok_or(NoPrice)?;
        let currency = <[u8; 3]>::try_from(code.trim().as_bytes()).map_err(|_| NoPrice)?;
        if !currency.iter().all(u8::is_ascii_uppercase) {
            return Err(NoPrice);
        }
        let (whole, rest) = match amount.split_once('.') {
            Some((_, "")) => return Err(NoPrice),
            Some(parts) => parts,
            None => (amount, ""),
        };
        let is_number = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
        let fits = (1..=Self::MOST_DIGITS).contains(&whole.len()) && rest.len() <= Self::MOST_DECIMALS;
        if !(fits && is_number(whole) && is_number(rest)) {
            return Err(NoPrice);
        }
        Ok(Self {
            units: format!("{whole}{rest}").parse().map_err(|_| NoPrice)?,
            decimals: u8::try_from(rest.len()).map_err(|_| NoPrice)?,
            currency,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (text, count, total) in [
            ("0.1 EUR", 3, "0.3 EUR"),
            ("0.08 AUD", 0, "0.00 AUD"),
            ("0.08 AUD", 51, "4.08 AUD"),
            (" 12.5 GBP ", 2, "25.0 GBP"),
            ("0.000001 USD", 1_500_000, "1.50 USD"),
            (
                "999999.999999 USD",
                u64::MAX,
                "18446744073691104870926290.448385 USD",
            ),
        ] {
            let price: Price = text.parse().unwrap();
            assert_eq!(price.times(count).to_string(), total, "{text}");
        }
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for text in [
            "",
            "0.08",
            "AUD",
            "0.08AUD",
            "0.08 aud",
            "0.08 AUDS",
            "-1 AUD",
            "1,5 EUR",
            ".5 EUR",
            "1. EUR",
            "0.0000001 USD",
            "1e3 USD",
            "1000000 USD",
            "\u{663}.1 EUR",
            "0.1 \u{20ac}",
        ] {
            assert_eq!(text.parse::<Price>(), Err(NoPrice), "{text:?}");
        }
    }
}
