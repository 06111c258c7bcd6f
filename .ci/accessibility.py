"""Works the window by its accessibility tree. Run by `.ci/accessibility`."""

import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

PATIENCE = 90


def descendants(element):
    """Every element below one, as far as it is still there."""
    try:
        for index in range(element.get_child_count()):
            child = element.get_child_at_index(index)
            if child is not None:
                yield child
                yield from descendants(child)
    except GLib.Error:
        return


def windows():
    desktop = Atspi.get_desktop(0)
    applications = [desktop.get_child_at_index(i) for i in range(desktop.get_child_count())]
    return [one for one in applications if one is not None and one.get_name() == "wareswitch"]


def find(role, name):
    for window in windows():
        for element in descendants(window):
            try:
                if element.get_role_name() in role and element.get_name().startswith(name):
                    return element
            except GLib.Error:
                continue
    return None


def wait_for(role, name):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        element = find(role, name)
        if element is not None:
            print(f"{role[0]} '{name}': ok", flush=True)
            return element
        time.sleep(0.2)
    seen = [(one.get_role_name(), one.get_name()) for window in windows() for one in descendants(window)]
    sys.exit(f"there is no {role[0]} '{name}' among {seen}")


def type_into(name, text):
    place = wait_for(ENTRY, name).get_extents(Atspi.CoordType.SCREEN)
    x, y = place.x + place.width // 2, place.y + place.height // 2
    # There is no window manager that would do it.
    subprocess.run(["xdotool", "search", "--name", "^Wareswitch$", "windowfocus", "--sync"], check=True)
    subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], check=True)
    # Slower than a scanner, so that it is taken for a person.
    subprocess.run(["xdotool", "type", "--delay", "120", text], check=True)


ENTRY = ["entry", "text", "password text"]
BUTTON = ["push button", "button"]
ITEM = ["list item"]
GROUP = ["grouping", "panel", "section", "group"]

type_into("User name", "harald@spryker.com")
type_into("Password", "change123")
wait_for(BUTTON, "Sign in").do_action(0)
wait_for(ITEM, "Warehouse1").do_action(0)
wait_for(GROUP, "You are active in Warehouse1")
wait_for(BUTTON, "All sent")
