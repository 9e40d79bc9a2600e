"""How Sphinx makes these pages: MyST, every warning an error, nothing fetched from elsewhere."""

from importlib import metadata

project = "meldcode_plugin"
author = "the meldcode_plugin maintainers"
release = metadata.version("meldcode-plugin")
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"meldcode_plugin {release}"
myst_heading_anchors = 3
nitpicky = True
