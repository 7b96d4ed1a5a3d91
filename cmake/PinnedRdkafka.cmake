# The last resort for librdkafka: its release, built with its own configure while backlogd is built.
# (Its CMake build never reports that all brokers are down, and drops SCRAM without libsasl2.)
set(BACKLOGD_RDKAFKA_URL
  "https://github.com/confluentinc/librdkafka/archive/refs/tags/v2.14.2.tar.gz"
  CACHE STRING "Where to get librdkafka 2.14.2 from, for machines that cannot reach its home")
message(STATUS "librdkafka >= ${BACKLOGD_RDKAFKA_VERSION} is not installed: building 2.14.2 from "
  "${BACKLOGD_RDKAFKA_URL} (on Debian, scripts/setup --for build is the better way)")

include(ExternalProject)
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
set(rdkafka_prefix "${CMAKE_BINARY_DIR}/librdkafka")
ExternalProject_Add(rdkafka_source
  PREFIX "${rdkafka_prefix}"
  URL "${BACKLOGD_RDKAFKA_URL}"
  URL_HASH SHA256=d7eec9c31c817fa44402f679c252dfbf97e4c338a849a25c3579a31fd127beb8
  DOWNLOAD_EXTRACT_TIMESTAMP ON
  PATCH_COMMAND patch -p1 --force --fuzz=0 -i "${PROJECT_SOURCE_DIR}/scripts/lib/librdkafka.patch"
  CONFIGURE_COMMAND <SOURCE_DIR>/configure --prefix=<INSTALL_DIR> --disable-debug-symbols
    "--CFLAGS=-O2 -fPIC -fstack-protector-strong -fstack-clash-protection"
    "--CPPFLAGS=-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"
  BUILD_IN_SOURCE ON
  BUILD_COMMAND make -j${cores} libs
  INSTALL_COMMAND make install
  BUILD_BYPRODUCTS "${rdkafka_prefix}/lib/librdkafka.a"
  LOG_CONFIGURE ON LOG_BUILD ON LOG_INSTALL ON LOG_OUTPUT_ON_FAILURE ON)

pkg_check_modules(RDKAFKA_LINKED REQUIRED IMPORTED_TARGET
  libssl libcrypto libsasl2 libzstd liblz4 libcurl zlib)
file(MAKE_DIRECTORY "${rdkafka_prefix}/include")
add_dependencies(backlogd_rdkafka rdkafka_source)
target_include_directories(backlogd_rdkafka SYSTEM INTERFACE "${rdkafka_prefix}/include")
target_link_libraries(backlogd_rdkafka INTERFACE
  "${rdkafka_prefix}/lib/librdkafka.a" PkgConfig::RDKAFKA_LINKED Threads::Threads
  ${CMAKE_DL_LIBS} m)
