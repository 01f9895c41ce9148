# Compiles SOURCE, which must fail, and look for the regular expression of its line `// expect: …` in what the compiler
# prints. `// expect: compiles` is the control: it must pass.
file(STRINGS "${SOURCE}" line REGEX "^// expect: " LIMIT_COUNT 1)
string(REPLACE "// expect: " "" expected "${line}")
if(expected STREQUAL "")
  message(FATAL_ERROR "${SOURCE} has no line '// expect: …'")
endif()
execute_process(COMMAND "${COMPILER}" -std=c++20 -fsyntax-only "-I${INCLUDE}" -isystem "${EIGEN}" "${SOURCE}"
  RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(expected STREQUAL "compiles")
  if(failed)
    message(FATAL_ERROR "${SOURCE} should compile:\n${output}")
  endif()
  return()
endif()
if(NOT failed)
  message(FATAL_ERROR "${SOURCE} compiles, but must not")
endif()
# Only the first error counts: it is what a person reads.
string(REGEX MATCH "error: [^\n]*" first "${output}")
string(REPLACE "> >" ">>" first "${first}")  # g++ writes the one, clang the other
string(REPLACE "> >" ">>" first "${first}")
if(NOT first MATCHES "${expected}")
  message(FATAL_ERROR "${SOURCE}: expected the first error to match\n  ${expected}\nbut it is\n  ${first}")
endif()
