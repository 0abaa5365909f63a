use portal_core::sms::{Callback, CallbackError};

/// The parameters of a callback: names and values in the order in which they came.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a form, or a flat JSON object where the header says so.
    pub(super) fn read(callback: &Callback<'_>) -> Result<Self, CallbackError> {
        let is_json = callback
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json"));
        if is_json {
            return Self::json(callback.body);
        }
        Ok(Self(
            url::form_urlencoded::parse(callback.body).into_owned().collect(),
        ))
    }

    fn json(body: &[u8]) -> Result<Self, CallbackError> {
        let malformed = CallbackError::Malformed("the body is not a flat JSON object");
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_slice(body).map_err(|_| malformed.clone())?;
        let text = |(name, value)| match value {
            serde_json::Value::String(text) => Ok((name, text)),
            serde_json::Value::Null => Ok((name, String::new())),
            value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => {
                Ok((name, value.to_string()))
            }
            _ => Err(malformed.clone()),
        };
        object.into_iter().map(text).collect::<Result<_, _>>().map(Self)
    }

    /// The first value under this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All, sorted by name; equal names by value.
    pub(super) fn sorted(&self) -> Vec<(&str, &str)> {
        let mut all: Vec<(&str, &str)> = self.0.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        all.sort_unstable();
        all
    }
}
