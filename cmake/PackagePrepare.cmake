# Read by cpack between installing and packing: what Debian wants compressed is, reproducibly, and
# every file has the same date.
set(root "${CPACK_TEMPORARY_DIRECTORY}")
file(GLOB pages "${root}/usr/share/man/man1/*.1" "${root}/usr/share/doc/backlogd/CHANGELOG.md")
foreach(page IN LISTS pages)
  string(REPLACE "CHANGELOG.md" "changelog" renamed "${page}")
  if(NOT renamed STREQUAL page)
    file(RENAME "${page}" "${renamed}")
  endif()
  execute_process(COMMAND gzip -9n "${renamed}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND find "${root}" -exec touch --no-dereference
    "--date=@$ENV{SOURCE_DATE_EPOCH}" "{}" "+" COMMAND_ERROR_IS_FATAL ANY)
endif()
