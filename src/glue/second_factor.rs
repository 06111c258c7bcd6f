//! Having the server send a new code of the second factor (contract section 2.7).

/// The path of the trigger.
pub(super) const TRIGGER_PATH: &str = "/multi-factor-auth-trigger";

/// The body of the trigger. Mail is the one way of sending that every shop has.
pub(super) const TRIGGER_BODY: &str =
    r#"{"data":{"type":"multi-factor-auth-trigger","attributes":{"type":"email"}}}"#;
