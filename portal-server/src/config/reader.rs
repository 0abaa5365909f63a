//! Takes values out of a tree one by one and notes what is wrong on the way.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use serde_json::Value;

pub(super) struct Reader {
    sections: BTreeMap<String, Value>,
    problems: Vec<String>,
}

impl Reader {
    pub(super) fn new(sections: BTreeMap<String, Value>, problems: Vec<String>) -> Self {
        Self { sections, problems }
    }

    pub(super) fn problem(&mut self, key: &str, text: &str) {
        self.problems.push(format!("{key}: {text}"));
    }

    /// Whether something was wrong with this key already.
    pub(super) fn failed(&self, key: &str) -> bool {
        let start = format!("{key}: ");
        self.problems.iter().any(|problem| problem.starts_with(&start))
    }

    fn take(&mut self, section: &str, key: &str) -> Option<Value> {
        self.sections.get_mut(section)?.as_object_mut()?.remove(key)
    }

    fn parse<T: FromStr<Err: Display>>(&mut self, name: &str, value: &Value) -> Option<T> {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => {
                self.problem(name, "is not a single value");
                return None;
            }
        };
        text.parse()
            .map_err(|error: T::Err| self.problem(name, &error.to_string()))
            .ok()
    }

    /// A value that may be left out. Empty text counts as left out, so that the environment can clear a key.
    pub(super) fn optional<T: FromStr<Err: Display>>(&mut self, section: &str, key: &str) -> Option<T> {
        let value = self.take(section, key)?;
        if value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return None;
        }
        self.parse(&format!("{section}.{key}"), &value)
    }

    pub(super) fn or<T: FromStr<Err: Display>>(&mut self, section: &str, key: &str, usual: T) -> T {
        self.optional(section, key).unwrap_or(usual)
    }

    pub(super) fn at_least_one<T: FromStr<Err: Display> + Default + PartialEq>(
        &mut self,
        section: &str,
        key: &str,
        usual: T,
    ) -> T {
        match self.optional(section, key) {
            Some(none) if none == T::default() => {
                self.problem(&format!("{section}.{key}"), "must be at least 1");
                usual
            }
            Some(value) => value,
            None => usual,
        }
    }

    pub(super) fn required<T: FromStr<Err: Display>>(
        &mut self,
        section: &str,
        key: &str,
        hint: &str,
    ) -> Option<T> {
        let name = format!("{section}.{key}");
        let value = self.optional(section, key);
        if value.is_none() && !self.failed(&name) {
            self.problem(&name, hint);
        }
        value
    }

    /// Several values: an array, or text with commas between.
    pub(super) fn list<T: FromStr<Err: Display>>(&mut self, section: &str, key: &str) -> Vec<T> {
        let name = format!("{section}.{key}");
        let values = match self.take(section, key) {
            None => Vec::new(),
            Some(Value::Array(values)) => values,
            Some(Value::String(text)) => text
                .split(',')
                .filter(|part| !part.trim().is_empty())
                .map(Value::from)
                .collect(),
            Some(value) => vec![value],
        };
        values
            .iter()
            .filter_map(|value| self.parse(&name, value))
            .collect()
    }

    /// What was wrong, with every key that nobody asked for.
    pub(super) fn finish(mut self) -> Vec<String> {
        const SECTIONS: [&str; 9] = [
            "server",
            "database",
            "smtp",
            "sms",
            "secrets",
            "audit",
            "certificate",
            "limits",
            "log",
        ];
        for (section, value) in &self.sections {
            match value {
                Value::Object(left) if SECTIONS.contains(&section.as_str()) => {
                    let unknown = left
                        .keys()
                        .map(|key| format!("{section}.{key}: there is no such setting"));
                    self.problems.extend(unknown);
                }
                _ if SECTIONS.contains(&section.as_str()) => {
                    self.problems
                        .push(format!("{section}: is a section, not a single value"));
                }
                _ => self.problems.push(format!("{section}: there is no such section")),
            }
        }
        self.problems
    }
}
