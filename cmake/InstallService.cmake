# Run by cmake --install and cpack. /etc belongs to the prefix /usr, and PREFIX/etc to any other
# PREFIX, which the unit then names.
set(source "${CMAKE_CURRENT_LIST_DIR}/../deploy/systemd")
set(prefix "${CMAKE_INSTALL_PREFIX}")
set(etc "${prefix}/etc")
file(READ "${source}/backlogd.service" unit)
if(prefix MATCHES "^(.*)/usr$")
  set(etc "${CMAKE_MATCH_1}/etc")
else()
  string(REPLACE "=/usr/bin/" "=${prefix}/bin/" unit "${unit}")
  string(REGEX REPLACE "([=:-])/etc/" "\\1${etc}/" unit "${unit}")
endif()
file(WRITE "${backlogd_scratch}/backlogd.service" "${unit}")
file(INSTALL "${backlogd_scratch}/backlogd.service" DESTINATION "${prefix}/lib/systemd/system")
file(INSTALL "${source}/backlogd.yaml" DESTINATION "${etc}/backlogd")
file(INSTALL DESTINATION "${etc}/default" TYPE FILE RENAME backlogd
  FILES "${source}/backlogd.default")
# Secrets come here: systemd hands them over, nobody else is to look.
file(INSTALL DESTINATION "${etc}/backlogd" TYPE DIRECTORY FILES "${source}/credentials"
  DIR_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE FILES_MATCHING PATTERN nothing)
