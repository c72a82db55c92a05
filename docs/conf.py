"""Settings of the documentation site, in English and, with the tag `ja`, in Japanese.

`make docs` builds both: `X.md` into `build/docs`, and `X.ja.md` into `build/docs/ja`.
"""

import sys
from pathlib import Path

import jubako

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))

japanese = tags.has("ja")  # type: ignore[name-defined]  # noqa: F821 (Sphinx defines it)

project = "Jubako"
author = "the Jubako developers"
copyright = "the Jubako developers"
version = release = jubako.__version__
language = "ja" if japanese else "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_copybutton",
    "sphinx_design",
    "languages",
    "reference_pages",
]
source_suffix = (
    {".ja.md": "markdown"} if japanese else {".md": "markdown", ".rst": "restructuredtext"}
)
include_patterns = ["**.ja.md"] if japanese else ["**"]
exclude_patterns = [] if japanese else ["**.ja.md", "data", "gallery"]
toc_object_entries_show_parents = "hide"
nitpicky = True

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist"]
myst_heading_anchors = 3
myst_url_schemes = {"http": None, "https": None, "site": "{{path}}#{{fragment}}"}

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "Jubako"
html_static_path = ["_static"]
html_css_files = ["site.css"]
templates_path = ["_templates"]
html_copy_source = False
html_use_index = not japanese
html_show_sourcelink = False
html_show_search_summary = False  # it would fetch pages, which file:// does not allow
html_favicon = "_static/jubako.svg"
html_theme_options = {
    "logo": {
        "text": "Jubako",
        "image_light": "_static/jubako.svg",
        "image_dark": "_static/jubako.svg",
    },
    "navbar_end": ["language-switch", "theme-switcher"],
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": {"**": ["page-toc"]}
    | {f"how-to/{page.name.split('.')[0]}": [] for page in (HERE / "how-to").glob("*.md")},
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
}
html_sidebars = {"**": ["sidebar-nav-bs"]} | {
    page: [] for page in ("index", "start", "teachers", "changelog", "search")
}
html_context = {"default_mode": "auto"}

if not japanese and any((HERE / "gallery").glob("plot_*.py")):
    extensions.append("sphinx_gallery.gen_gallery")
    sphinx_gallery_conf = {
        "examples_dirs": "gallery",
        "gallery_dirs": "auto_gallery",
        "download_all_examples": False,
        "show_signature": False,
        "min_reported_time": 3600,  # seconds differ from build to build
        "write_computation_times": False,
        "abort_on_example_error": True,
        "within_subsection_order": "FileNameSortKey",
    }
