# (The sanitizer presets turn -Wmaybe-uninitialized off: g++ 12 sees ghosts in instrumented code.)
# backlogd_warnings: link it PRIVATE to get our warnings. Errors only where a preset asks for it.
add_library(backlogd_warnings INTERFACE)
target_compile_options(backlogd_warnings INTERFACE
  -Wall -Wextra        # what every compiler's authors recommend
  -Wshadow             # a name that hides another is read wrongly
  -Wconversion         # offsets are 64 bits: no silent narrowing
  -Wnon-virtual-dtor   # deleting through such a base is undefined
  -Woverloaded-virtual # a hidden virtual is a typo
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety> # checks GUARDED_BY
  $<$<BOOL:${BACKLOGD_WARNINGS_AS_ERRORS}>:-Werror>)
