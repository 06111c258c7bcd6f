//! A window of the same size and renderer with nothing in it: what the app is compared with.

mod generated {
    #![allow(
        missing_docs,
        unreachable_pub,
        unsafe_code,
        clippy::all,
        clippy::pedantic,
        clippy::restriction,
        reason = "made by Slint's compiler"
    )]
    slint::slint! {
        export component EmptyWindow inherits Window {
            preferred-width: 360px;
            preferred-height: 640px;
            background: #eeeeee;
        }
    }
}

use slint::ComponentHandle;

fn main() -> Result<(), slint::PlatformError> {
    slint::BackendSelector::new()
        .backend_name("winit".into())
        .renderer_name("software".into())
        .select()?;
    generated::EmptyWindow::new()?.run()
}
