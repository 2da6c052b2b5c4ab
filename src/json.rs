//! Whether an edited JSON text is still JSON, and no object got a key a second time. Pure.
//!
//! `serde_json` reads it and keeps nothing. Of two equal keys its readers take the last without a word, so the first would
//! be lost.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::validate::{Invalid, Wrong};

/// Judges `after`, which was the JSON text `before`. A text that was none (JSON with comments) may be anything, and one
/// in which a key stood twice may hold it again.
///
/// # Errors
/// [`Invalid`].
pub(crate) fn validate(before: &str, after: &str) -> Result<(), Invalid> {
    if serde_json::from_str::<IgnoredAny>(before).is_err() {
        return Ok(());
    }
    let invalid = |wrong: Wrong, error: &serde_json::Error| {
        let (line, column) = (error.line().max(1), error.column().max(1));
        let message = error.to_string();
        let place = format!(" at line {line} column {}", error.column());
        let message = message.strip_suffix(&place).unwrap_or(&message).to_owned();
        let message =
            if wrong == Wrong::Name { format!("{message} in one object, by line {line}") } else { message };
        Invalid { wrong, message, line, column }
    };
    serde_json::from_str::<IgnoredAny>(after).map_err(|error| invalid(Wrong::Syntax, &error))?;
    match (serde_json::from_str::<UniqueKeys>(before), serde_json::from_str::<UniqueKeys>(after)) {
        (Ok(_), Err(error)) if error.is_data() && error.to_string().starts_with(KEY) => {
            Err(invalid(Wrong::Name, &error))
        }
        _ => Ok(()),
    }
}

/// What a key that stands twice is called.
const KEY: &str = "key ";

/// A JSON value in which no object has a key twice; nothing of it is kept.
struct UniqueKeys;

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if keys.contains(&key) {
                return Err(de::Error::custom(format!("{KEY}`{key}` is there twice")));
            }
            keys.insert(key);
            map.next_value::<Self>()?;
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_json_stays_json() {
        let object = r#"{ "a": 1, "b": [true, null, "x", -1.5] }"#;
        let error =
            |before: &str, after: &str| validate(before, after).err().map(|e| (e.wrong, e.line, e.message));
        let told = |wrong, line, message: &str| Some((wrong, line, message.to_owned()));
        assert_eq!(error(object, r#"{ "a": 1e999, "b": {} }"#), None);
        assert_eq!(error(object, "{ \"a\": 1,\n}"), told(Wrong::Syntax, 2, "key must be a string"));
        assert_eq!(error(object, ""), told(Wrong::Syntax, 1, "EOF while parsing a value"));
        let twice = "{ \"c\": { \"a\": 1,\n \"b\": 2, \"a\": 3 } }";
        assert_eq!(
            error(object, twice),
            told(Wrong::Name, 2, "key `a` is there twice in one object, by line 2")
        );
        assert_eq!(error(twice, &twice.replace('3', "4")), None, "it was there twice");
        assert_eq!(error("{ // a\n}", "{ // a"), None, "it was no JSON");
    }
}
