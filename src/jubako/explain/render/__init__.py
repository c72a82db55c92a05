"""A trace as HTML, as SVG and in a terminal."""
