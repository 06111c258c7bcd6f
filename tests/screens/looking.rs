//! What a person would find fault with in a window, found by measuring.

use std::ops::ControlFlow;
use std::rc::Rc;

use i_slint_backend_testing::{AccessibleRole, ElementQuery};
use i_slint_core::accessibility::AccessibleStringProperty;
use i_slint_core::item_tree::{ItemRc, ParentItemTraversalMode};
use i_slint_core::items::{ComplexText, SimpleText};
use i_slint_core::layout::Orientation;
use i_slint_core::lengths::LogicalRect;
use i_slint_core::window::{WindowAdapter, WindowInner};
use slint::ComponentHandle;
use wareswitch::gui::bridge::Window;

/// Nothing that can be tapped is smaller than this in either direction.
const TOUCH: f32 = 56.0;
/// No row of a list is lower than this.
const ROW: f32 = 72.0;
/// What can be tapped, by the names of the components.
const CONTROLS: [&str; 9] = [
    "Button",
    "Choice",
    "Tab",
    "UserRow",
    "WarehouseRow",
    "StatusStrip",
    "LockButton",
    "DemoToggle",
    "KeyCap",
];
/// What can be tapped is this far from anything else that can be, so that a glove meets one.
const APART: f32 = 8.0;
/// What rounding to whole pixels may cost.
const SLACK: f32 = 1.5;

/// Something that can be tapped, with nothing over it.
pub(crate) struct Control {
    pub(crate) label: String,
    /// Where it is in the window.
    pub(crate) place: LogicalRect,
    /// The part of it that no scrolled area hides.
    pub(crate) seen: LogicalRect,
    /// The innermost area that scrolls it or clips it.
    area: Option<LogicalRect>,
}

impl Control {
    pub(crate) fn is_whole(&self) -> bool {
        self.seen.inflate(SLACK, SLACK).contains_rect(&self.place)
    }
}

/// A piece of text on the screen.
struct Words {
    text: String,
    /// Where it is in the window.
    place: LogicalRect,
    /// The part of it that no scrolled area hides.
    seen: LogicalRect,
    /// The control that it is on, if it is on one.
    control: Option<LogicalRect>,
    /// The width of its longest word, or of all of it if it does not wrap.
    width_at_least: f32,
    /// How high it is at the width that it has.
    height: f32,
}

/// Everything that is wrong with a window of this size.
pub(crate) fn complaints(window: &Window, width: f32, height: f32) -> Vec<String> {
    let mut complaints = Vec::new();
    about_controls(window, (width, height), &mut complaints);
    about_rows(window, &mut complaints);
    about_neighbours(&controls(window), &mut complaints);
    about_words(&words(window), width, &mut complaints);
    complaints
}

fn about_controls(window: &Window, (width, height): (f32, f32), complaints: &mut Vec<String>) {
    let controls = [
        AccessibleRole::Button,
        AccessibleRole::Tab,
        AccessibleRole::RadioButton,
        AccessibleRole::Switch,
    ];
    for role in controls {
        let found = ElementQuery::from_root(window.component()).match_accessible_role(role);
        for element in found.find_all() {
            let label = element.accessible_label().unwrap_or_default();
            let (position, size) = (element.absolute_position(), element.size());
            if label.is_empty() {
                complaints.push(format!("a {role:?} at {position:?} has no label"));
            }
            if size.width < TOUCH || size.height < TOUCH {
                complaints.push(format!("'{label}' is only {} x {}", size.width, size.height));
            }
            if position.x < -0.5 || position.x + size.width > width + 0.5 {
                complaints.push(format!("'{label}' sticks out at the side"));
            }
            if position.y >= height {
                complaints.push(format!("'{label}' lies below the window"));
            }
        }
    }
}

/// Neighbours are apart. Those that only scrolling brought together are not spoken of, as long as
/// they don't lie on each other.
fn about_neighbours(controls: &[Control], complaints: &mut Vec<String>) {
    for (index, one) in controls.iter().enumerate() {
        for other in controls.iter().skip(index + 1) {
            let (place, beside) = (&one.seen, &other.seen);
            let across = (place.min_x() - beside.max_x()).max(beside.min_x() - place.max_x());
            let along = (place.min_y() - beside.max_y()).max(beside.min_y() - place.max_y());
            let are_together = one.area == other.area && one.is_whole() && other.is_whole();
            let least = if are_together { APART - 0.5 } else { -0.5 };
            if across.max(along) < least {
                complaints.push(format!(
                    "'{}' and '{}' are {} apart",
                    one.label,
                    other.label,
                    across.max(along)
                ));
            }
        }
    }
}

/// Everything that can be tapped. Where a sheet is open, what is above it alone.
pub(crate) fn controls(window: &Window) -> Vec<Control> {
    let inner = WindowInner::from_pub(window.component().window());
    let root = ItemRc::new_root(inner.component());
    let mut found = Vec::new();
    root.visit_descendants(|item| {
        if is_sheet(item) {
            found.clear();
        }
        let is_control = CONTROLS.iter().any(|name| is_one_of(item, &[name]))
            && item.is_visible()
            && item.accessible_role() != i_slint_core::items::AccessibleRole::None;
        if is_control {
            let geometry = item.geometry();
            let place = LogicalRect::new(item.map_to_window(geometry.origin), geometry.size);
            let label = item
                .accessible_string_property(AccessibleStringProperty::Label)
                .unwrap_or_default();
            if let Some(seen) = seen(item, place) {
                let area = clipping(item).into_iter().next();
                found.push(Control { label: label.into(), place, seen, area });
            }
        }
        ControlFlow::<()>::Continue(())
    });
    found
}

fn about_rows(window: &Window, complaints: &mut Vec<String>) {
    let found = ElementQuery::from_root(window.component());
    for element in found.match_accessible_role(AccessibleRole::ListItem).find_all() {
        let (label, size) = (element.accessible_label().unwrap_or_default(), element.size());
        if label.is_empty() {
            complaints.push(format!("a row at {:?} has no label", element.absolute_position()));
        }
        if size.height < ROW {
            complaints.push(format!("the row '{label}' is only {} high", size.height));
        }
    }
}

fn about_words(words: &[Words], width: f32, complaints: &mut Vec<String>) {
    for one in words {
        let (text, place) = (&one.text, &one.place);
        if one.width_at_least > place.width() + SLACK {
            complaints.push(format!(
                "'{text}' needs a width of {} and has {}",
                one.width_at_least,
                place.width()
            ));
        }
        if one.height > place.height() + SLACK {
            complaints.push(format!(
                "'{text}' needs a height of {} and has {}",
                one.height,
                place.height()
            ));
        }
        if one.seen.width() < place.width() - SLACK {
            complaints.push(format!("'{text}' is cut off at the side"));
        }
        if one.control.is_some_and(|control| !control.inflate(SLACK, SLACK).contains_rect(place)) {
            complaints.push(format!("'{text}' does not fit on what can be tapped"));
        }
        if place.min_x() < -SLACK || place.max_x() > width + SLACK {
            complaints.push(format!("'{text}' sticks out at the side"));
        }
    }
    for (index, one) in words.iter().enumerate() {
        for other in words.iter().skip(index + 1) {
            let overlap = one.seen.intersection(&other.seen);
            if overlap.is_some_and(|overlap| overlap.width() > SLACK && overlap.height() > SLACK) {
                complaints.push(format!("'{}' and '{}' overlap", one.text, other.text));
            }
        }
    }
}

/// All text that can be seen. Where a sheet is open, that of the sheet alone.
fn words(window: &Window) -> Vec<Words> {
    let inner = WindowInner::from_pub(window.component().window());
    let adapter = inner.window_adapter();
    let root = ItemRc::new_root(inner.component());
    let mut found = Vec::new();
    root.visit_descendants(|item| {
        // Whatever was drawn before lies below the sheet.
        if is_sheet(item) {
            found.clear();
        }
        found.extend(words_of(item, &adapter));
        ControlFlow::<()>::Continue(())
    });
    found
}

fn is_sheet(item: &ItemRc) -> bool {
    is_one_of(item, &["Sheet"])
}

fn is_one_of(item: &ItemRc, components: &[&str]) -> bool {
    let names = item.element_type_names_and_ids(0).unwrap_or_default();
    names.iter().any(|(type_name, _)| components.contains(&type_name.as_str()))
}

fn words_of(item: &ItemRc, adapter: &Rc<dyn WindowAdapter>) -> Option<Words> {
    let simple = item.downcast::<SimpleText>().map(|text| text.as_pin_ref().text());
    let text =
        simple.or_else(|| item.downcast::<ComplexText>().map(|text| text.as_pin_ref().text()))?;
    if text.is_empty() || !item.is_visible() {
        return None;
    }
    let geometry = item.geometry();
    let origin = item.map_to_window(geometry.origin);
    let place = LogicalRect::new(origin, geometry.size);
    let seen = seen(item, place)?;
    let information = |orientation, across| {
        item.borrow().as_ref().layout_info(orientation, across, adapter, item)
    };
    Some(Words {
        text: text.to_string(),
        place,
        seen,
        control: control_around(item),
        width_at_least: information(Orientation::Horizontal, -1.0).min,
        height: information(Orientation::Vertical, geometry.width()).preferred,
    })
}

fn control_around(item: &ItemRc) -> Option<LogicalRect> {
    let mut around = item.parent_item(ParentItemTraversalMode::StopAtPopups);
    while let Some(one) = around {
        if is_one_of(&one, &CONTROLS) {
            let geometry = one.geometry();
            return Some(LogicalRect::new(one.map_to_window(geometry.origin), geometry.size));
        }
        around = one.parent_item(ParentItemTraversalMode::StopAtPopups);
    }
    None
}

/// What is left of a place inside every area that clips it; `None` if nothing is.
fn seen(item: &ItemRc, place: LogicalRect) -> Option<LogicalRect> {
    clipping(item).into_iter().try_fold(place, |seen, area| seen.intersection(&area))
}

/// Every area around an item that clips it, the innermost first.
fn clipping(item: &ItemRc) -> Vec<LogicalRect> {
    let mut areas = Vec::new();
    let mut around = item.parent_item(ParentItemTraversalMode::StopAtPopups);
    while let Some(one) = around {
        if one.borrow().as_ref().clips_children() {
            let geometry = one.geometry();
            areas.push(LogicalRect::new(one.map_to_window(geometry.origin), geometry.size));
        }
        around = one.parent_item(ParentItemTraversalMode::StopAtPopups);
    }
    areas
}
