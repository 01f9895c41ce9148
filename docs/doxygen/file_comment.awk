# What opens a file, `//` lines before `#pragma once`, as the comment that doxygen reads for the file. The line that
# `#pragma once` gives up goes to `@file`, so that all others keep their numbers.
NR == 1 && /^\/\// { opening = 1; print "/// @file" }
opening && /^#pragma once/ { print held; opening = 0; next }
!opening { print; next }

# Indented lines, formulas and tables, stay lines of their own.
{
  sub(/^\/\//, "///")
  indented = sub(/^\/\/\/   /, "/// \\&emsp;")
  if (indented) gsub(/   *[^ ]/, " \\&emsp;&")
  ends = $0 == "///"
  if (NR > 1) print held (!ends && !ended && (indented || was_indented) ? "<br>" : "")
  held = $0
  was_indented = indented
  ended = ends
}
