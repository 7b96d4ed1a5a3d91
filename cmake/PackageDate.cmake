# Read by cpack before it installs: the date of everything in the package.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH} AND CPACK_BACKLOGD_COMMIT_TIME)
  set(ENV{SOURCE_DATE_EPOCH} "${CPACK_BACKLOGD_COMMIT_TIME}")
endif()
