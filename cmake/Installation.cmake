# What cmake --install puts where, and the Debian package of it: cpack -G DEB. docs/packaging.md
install(FILES docs/man/backlogd.1 docs/man/backlogd-dlq.1 docs/man/backlogd-sim.1
  DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES deploy/completions/bash/backlogd deploy/completions/bash/backlogd-dlq
    deploy/completions/bash/backlogd-sim
  DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
install(FILES deploy/completions/zsh/_backlogd deploy/completions/zsh/_backlogd-dlq
    deploy/completions/zsh/_backlogd-sim
  DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
install(FILES deploy/completions/fish/backlogd.fish deploy/completions/fish/backlogd-dlq.fish
    deploy/completions/fish/backlogd-sim.fish
  DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")

set(shared "${CMAKE_INSTALL_DATADIR}/backlogd")
install(FILES alerts/backlogd.rules.yaml alerts/prometheusrule.yaml DESTINATION "${shared}/alerts")
install(DIRECTORY alerts/templates DESTINATION "${shared}/alerts")
install(DIRECTORY dashboards/ DESTINATION "${shared}/dashboards" FILES_MATCHING PATTERN "*.json"
  PATTERN src EXCLUDE)
install(FILES README.md README.zh-CN.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs" PATTERN man EXCLUDE)
install(FILES config/backlogd.yaml config/minimal.yaml config/prometheus.yml
    config/alertmanager.yml config/sim.yaml
  DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")
install(FILES deploy/debian/copyright DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# The configuration and the unit, whose paths are known only when it is installed.
install(CODE "set(backlogd_scratch \"${PROJECT_BINARY_DIR}/installed-unit\")")
install(SCRIPT cmake/InstallService.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME backlogd)
set(CPACK_PACKAGE_VERSION "${BACKLOGD_VERSION}")
set(CPACK_PACKAGE_VENDOR "the backlogd authors")
set(CPACK_PACKAGE_CONTACT "the backlogd authors <backlogd@localhost>")
set(CPACK_PACKAGE_HOMEPAGE_URL "https://github.com/backlogd/backlogd")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "lag monitor for Apache Kafka, for Prometheus")
set(CPACK_PACKAGE_DESCRIPTION
"backlogd says, per topic, partition and consumer group of Apache Kafka, how much
work is waiting, how late it is, why it piles up, whether it will be lost, and
what lies in the dead-letter queues. Prometheus reads it; alert rules and Grafana
dashboards come with it, and the tools backlogd-dlq and backlogd-sim.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "init-system-helpers (>= 1.54)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates, libsasl2-modules")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus, prometheus-alertmanager, krb5-user, libsasl2-modules-gssapi-mit")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${PROJECT_SOURCE_DIR}/deploy/debian/conffiles" "${PROJECT_SOURCE_DIR}/deploy/debian/postinst"
  "${PROJECT_SOURCE_DIR}/deploy/debian/prerm" "${PROJECT_SOURCE_DIR}/deploy/debian/postrm")
# The same tree gives the same bytes: one thread, one date, of the commit unless the caller names one.
set(CPACK_THREADS 1)
set(CPACK_BACKLOGD_COMMIT_TIME "${BACKLOGD_COMMIT_TIME}")
set(CPACK_PROJECT_CONFIG_FILE "${PROJECT_SOURCE_DIR}/cmake/PackageDate.cmake")
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/PackagePrepare.cmake")
include(CPack)
