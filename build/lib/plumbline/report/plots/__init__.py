"""Pictures as inline SVG, one module each; all have a title and a description.

They are drawn by hand rather than by a plotting library: colours come from the page's style
sheet, so that they follow the light and the dark scheme, letters stay letters for search and
screen readers, and the same facts always give the same bytes.
"""
