//! What a store says when it refuses.
//!
//! Takes the error of a call; returns one line for who reads it, and the way out. Stores answer with a document (XML where they
//! speak as S3 or Azure do, JSON where they speak as Google does), and errors hold all of it: names of keys, digests,
//! numbers of requests. Code and message are what tells; what is no such document is shown by its beginning.

use syncline_planner::record::LogError;

/// How much is shown of an answer that is not understood.
const SHOWN: usize = 200;

/// What a store answered.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    /// The status of HTTP.
    status: u16,
    code: String,
    message: String,
}

/// Returns the error of a call of a store.
pub(crate) fn refused(doing: &'static str, place: &str, error: &object_store::Error) -> LogError {
    let text = error.to_string();
    let Some(answer) = answer(&text) else {
        return match text.contains("configured region") {
            true => {
                let reason = format!("{place}: the store sends elsewhere, and does not say where");
                LogError::Refused { doing, reason, help: REGION.to_owned() }
            }
            false => LogError::Storage { doing, reason: format!("{place}: {text}") },
        };
    };
    let parts = [answer.code.as_str(), answer.message.as_str()];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let said = if said.is_empty() { "it says nothing more".to_owned() } else { said.join(": ") };
    let reason = format!("{place}: the store answered {}: {said}", answer.status);
    LogError::Refused { doing, reason, help: way_out(&answer).to_owned() }
}

const REGION: &str =
    "The bucket is in another region: `region` in `state` of the `project` block says which.";

/// Returns what to do. Codes are the store's own; where one is not known, the status tells what kind it is of.
fn way_out(answer: &Answer) -> &'static str {
    match answer.code.as_str() {
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidToken"
        | "ExpiredToken"
        | "TokenRefreshRequired"
        | "AuthenticationFailed"
        | "InvalidSecurity" => CREDENTIALS,
        "NoSuchBucket" | "ContainerNotFound" | "InvalidBucketName" => {
            "Make the bucket, or name the one that is meant: `state` in the `project` block does."
        }
        "PermanentRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException" => REGION,
        "RequestTimeTooSkewed" => {
            "Set the clock of this machine: what is asked for is signed with the time."
        }
        _ => match answer.status {
            401 => CREDENTIALS,
            403 => {
                "Whose credentials these are has to be allowed to list the bucket, and to read and write objects. The \
                 variables of the cloud's own tools say whose they are."
            }
            404 => {
                "`state` in the `project` block names the bucket, and perhaps another server (`endpoint`)."
            }
            429 | 500.. => "The store is busy or out of order; try again later. Nothing was lost.",
            _ => "`state` in the `project` block says where state is kept.",
        },
    }
}

const CREDENTIALS: &str = "The credentials are not those of the store, or hold no longer. They come from the variables of the cloud's \
     own tools: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` for S3.";

/// Finds the answer in the text of an error.
fn answer(text: &str) -> Option<Answer> {
    let (_, rest) = text.split_once("status code: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let status = digits.parse().ok()?;
    let body = rest.split_once(": ").map_or("", |(_, body)| body).trim();
    if let Some(code) = element(body, "Code") {
        let message = element(body, "Message").unwrap_or_default();
        return Some(Answer { status, code, message: short(&message) });
    }
    let (code, message) = json(body).unwrap_or_else(|| (String::new(), body.to_owned()));
    Some(Answer { status, code, message: short(&message) })
}

/// Returns what is in the first element of a name.
fn element(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'")];
    let text = pairs.iter().fold(text.to_owned(), |text, (name, own)| text.replace(name, own));
    Some(text.replace("&amp;", "&").trim().to_owned())
}

/// Returns the code and the message of a document as Google and the servers of tokens write it.
fn json(body: &str) -> Option<(String, String)> {
    let document: serde_json::Value = serde_json::from_str(body).ok()?;
    let text = |value: &serde_json::Value| {
        let number = || value.as_i64().map(|number| number.to_string());
        value.as_str().map(str::to_owned).or_else(number)
    };
    let error = document.get("error")?;
    match text(error) {
        Some(code) => {
            Some((code, document.get("error_description").and_then(text).unwrap_or_default()))
        }
        None => Some((
            error.get("status").or_else(|| error.get("code")).and_then(text).unwrap_or_default(),
            error.get("message").and_then(text).unwrap_or_default(),
        )),
    }
}

/// Returns the beginning of a text, on one line.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> (String, String) {
        let source = format!(
            "Error performing GET http://h/b in 1ms - Server returned non-2xx status code: {body}"
        );
        let error = object_store::Error::Generic { store: "S3", source: source.into() };
        let refused = refused("read", "s3://b/", &error);
        let LogError::Refused { reason, help, .. } = refused else {
            return (refused.to_string(), String::new());
        };
        (reason, help)
    }

    #[test]
    fn code_and_message_are_told_and_the_rest_is_not() {
        let (reason, help) = told(
            "403 Forbidden: <?xml version=\"1.0\"?>\n<Error><Code>InvalidAccessKeyId</Code><Message>No &quot;key&quot; \
             &amp;amp; no\n records.</Message><AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>",
        );
        assert_eq!(
            reason,
            "s3://b/: the store answered 403: InvalidAccessKeyId: No \"key\" &amp; no records."
        );
        assert_eq!(help, CREDENTIALS);
        let (reason, help) =
            told("401 Unauthorized: {\"error\": {\"code\": 401, \"message\": \"Invalid\"}}");
        assert_eq!(
            (reason.as_str(), help.as_str()),
            ("s3://b/: the store answered 401: 401: Invalid", CREDENTIALS)
        );
        let (reason, _) =
            told("400 Bad Request: {\"error\":\"invalid_grant\",\"error_description\":\"no\"}");
        assert_eq!(reason, "s3://b/: the store answered 400: invalid_grant: no");
    }

    #[test]
    fn what_is_no_answer_of_a_store_is_shown_by_its_beginning() {
        let (reason, help) = told(&format!("503 Gone: <html>{}</html>", "é no ".repeat(900)));
        assert!(reason.starts_with("s3://b/: the store answered 503: <html>é no"), "{reason}");
        assert!(reason.len() < 400 && help.contains("later"), "{reason}");
        assert!(told("403 Forbidden: ").0.ends_with("403: it says nothing more"));
        assert!(told("403").0.ends_with("403: it says nothing more"));
        assert_eq!(told("x").1, "");
    }
}
